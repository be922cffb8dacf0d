"""The names of all queues: a handler's method name is its queue's name, so renaming it leaves a queue behind."""

from deploy.docs import catalogue

QUEUES = [
    "crm.activity.follow_deletion",
    "crm.activity.follow_merge",
    "crm.activity.keep_customer",
    "crm.activity.keep_holder",
    "crm.activity.keep_pool",
    "crm.activity.keep_user",
    "crm.customer.follow_assignment",
    "crm.customer.follow_claim",
    "crm.customer.follow_release",
    "crm.customer.follow_transfer",
    "crm.customer.keep_loss",
    "crm.customer.keep_opportunity",
    "crm.customer.keep_pool",
    "crm.customer.keep_touch",
    "crm.customer.keep_user",
    "crm.customer.score_activity",
    "crm.notify.follow_merge",
    "crm.notify.keep_user",
    "crm.notify.queue_webhooks",
    "crm.notify.remind",
    "crm.notify.tell_former_owner",
    "crm.notify.tell_of_assignment",
    "crm.notify.tell_of_loss",
    "crm.notify.tell_of_merge",
    "crm.notify.tell_of_reclaim",
    "crm.notify.tell_of_transfer",
    "crm.notify.tell_of_win",
    "crm.notify.warn_of_reclaim",
    "crm.opportunity.follow_deletion",
    "crm.opportunity.follow_merge",
    "crm.opportunity.keep_customer",
    "crm.opportunity.keep_holder",
    "crm.opportunity.keep_pool",
    "crm.opportunity.keep_user",
    "crm.pool.follow_deletion",
    "crm.pool.follow_merge",
    "crm.pool.hold_new_customer",
    "crm.pool.keep_customer_name",
    "crm.pool.keep_purchase",
    "crm.pool.keep_user",
    "crm.pool.review_sold_to",
    "crm.pool.review_touched",
]


class TestQueueNames:
    def test_each_name_in_use_is_listed_here(self) -> None:
        new = {queue.name for queue in catalogue.queues()} - set(QUEUES)
        assert not new, f"New queues: {', '.join(sorted(new))}. Add them to QUEUES in this file."

    def test_each_name_listed_here_is_in_use(self) -> None:
        lost = set(QUEUES) - {queue.name for queue in catalogue.queues()}
        assert not lost, (
            f"No handler takes from {', '.join(sorted(lost))} any more, but running brokers have these queues, and "
            "events in them. Keep the method's name, or remove the queues once they are empty, and then from QUEUES."
        )

    def test_the_list_is_in_order(self) -> None:
        assert sorted(QUEUES) == QUEUES
