"""A part of the pool service's door. Reclaim rules, the dry run and the sweep."""

from contracts.pool.rules import (
    GetPoolRules,
    PoolRules,
    PreviewReclaim,
    ReclaimPreview,
    SweepHoldings,
    SweptHoldings,
    UpdatePoolRules,
)
from servicekit.rpc import answers
from servicekit.service import Service
from servicekit.timers import every
from services.pool.operations import preview, reviews, rules, sweep

_SECONDS = 2.0


class Reclaim(Service):
    """Reclaim rules, the dry run and the sweep."""

    @answers(GetPoolRules)
    def get_pool_rules(self, request: GetPoolRules) -> PoolRules:
        """A pool's rules."""
        return rules.get_rules(self.db, request)

    @answers(UpdatePoolRules)
    def update_pool_rules(self, request: UpdatePoolRules) -> PoolRules:
        """Change a pool's rules from a day on."""
        return rules.update_rules(self.db, request)

    @answers(PreviewReclaim)
    def preview_reclaim(self, request: PreviewReclaim) -> ReclaimPreview:
        """What would be taken back."""
        return preview.preview(self.db, request)

    @answers(SweepHoldings)
    def sweep_holdings(self, _request: SweepHoldings) -> SweptHoldings:
        """A round of the sweep now."""
        return sweep.sweep_now(self.db)

    @every(_SECONDS)
    def sweep(self) -> bool:
        """Warn of and take back what is due."""
        return sweep.sweep(self.db).more

    @every(_SECONDS)
    def recount(self) -> bool:
        """Look again at what is held under changed rules."""
        return reviews.recount(self.db)
