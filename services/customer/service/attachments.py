"""A part of the customer service's door. Files on customers."""

from contracts.customer.attachments import (
    AddAttachment,
    Attachment,
    AttachmentPage,
    AttachmentPart,
    GetAttachment,
    GetAttachmentPart,
    ListAttachments,
    RemoveAttachment,
    RemovedAttachment,
)
from servicekit.rpc import answers
from servicekit.service import Service
from servicekit.timers import every
from services.customer.operations import attachments, uploads


class Attachments(Service):
    """Files on customers, and the end of files that nothing has."""

    @answers(ListAttachments)
    def list_attachments(self, request: ListAttachments) -> AttachmentPage:
        return attachments.list_attachments(self.db, request)

    @answers(AddAttachment)
    def add_attachment(self, request: AddAttachment) -> Attachment:
        return attachments.add(self.db, request)

    @answers(GetAttachment)
    def get_attachment(self, request: GetAttachment) -> Attachment:
        return attachments.get(self.db, request)

    @answers(GetAttachmentPart)
    def get_attachment_part(self, request: GetAttachmentPart) -> AttachmentPart:
        return attachments.part(self.db, self.runtime.files, request)

    @answers(RemoveAttachment)
    def remove_attachment(self, request: RemoveAttachment) -> RemovedAttachment:
        return attachments.remove(self.db, request)

    @every(seconds=600)
    def forget_uploads(self) -> bool:
        unused = uploads.forget_unused(self.db, self.runtime.files)
        return attachments.forget_removed(self.db, self.runtime.files) or unused
