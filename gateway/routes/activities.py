"""Recorded touches and planned next ones."""

from contracts.activity import (
    Activity,
    ActivityPage,
    CompleteFollowUp,
    FollowUp,
    FollowUpPage,
    GetActivity,
    GetFollowUp,
    ListActivities,
    ListFollowUps,
    LogActivity,
    ScheduleFollowUp,
)
from gateway.routing import Api
from servicekit.rpc import call

api = Api("activities")


@api.get("/v1/activities")
def list_activities(request: ListActivities) -> ActivityPage:
    """Activities, latest first."""
    return call(request)


@api.post("/v1/activities", status=201)
def log_activity(request: LogActivity) -> Activity:
    """Record a touch, and plan the next one."""
    return call(request)


@api.get("/v1/activities/{activity_id}")
def get_activity(request: GetActivity) -> Activity:
    """One activity."""
    return call(request)


@api.get("/v1/follow-ups")
def list_follow_ups(request: ListFollowUps) -> FollowUpPage:
    """Planned touches, soonest first."""
    return call(request)


@api.post("/v1/follow-ups", status=201)
def schedule_follow_up(request: ScheduleFollowUp) -> FollowUp:
    """Plan a touch."""
    return call(request)


@api.get("/v1/follow-ups/{follow_up_id}")
def get_follow_up(request: GetFollowUp) -> FollowUp:
    """One planned touch."""
    return call(request)


@api.post("/v1/follow-ups/{follow_up_id}/completions")
def complete_follow_up(request: CompleteFollowUp) -> FollowUp:
    """Mark a planned touch as done."""
    return call(request)
