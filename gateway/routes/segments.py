"""Segments: saved filters over customers."""

from contracts.customer.customers import CustomerPage
from contracts.customer.segments import (
    CreateSegment,
    GetSegment,
    ListSegmentMembers,
    ListSegments,
    RemovedSegment,
    RemoveSegment,
    Segment,
    SegmentPage,
    UpdateSegment,
)
from gateway.routing import Api
from servicekit.rpc import call

api = Api("segments")


@api.get("/v1/segments")
def list_segments(request: ListSegments) -> SegmentPage:
    """The segments that the caller sees."""
    return call(request)


@api.post("/v1/segments", status=201)
def create_segment(request: CreateSegment) -> Segment:
    """Save a filter over customers."""
    return call(request)


@api.get("/v1/segments/{segment_id}")
def get_segment(request: GetSegment) -> Segment:
    """One segment."""
    return call(request)


@api.patch("/v1/segments/{segment_id}")
def update_segment(request: UpdateSegment) -> Segment:
    """Change a segment."""
    return call(request)


@api.delete("/v1/segments/{segment_id}")
def remove_segment(request: RemoveSegment) -> RemovedSegment:
    """Remove a segment."""
    return call(request)


@api.get("/v1/segments/{segment_id}/customers")
def list_segment_members(request: ListSegmentMembers) -> CustomerPage:
    """The customers that are in a segment now."""
    return call(request)
