"""
Influencers' campaigns, by hand: 51 calls that are all POSTs, and nothing of the mock's.
"""

from __future__ import annotations

from collections.abc import Iterable

from flask import Flask
from werkzeug.exceptions import HTTPException

from mockserver.tests.judged.influencing_choices import BUGS, DIALECTS
from mockserver.tests.judged.influencing_figures import Figures
from mockserver.tests.judged.switches import Refusal, Switches


def make(bugs: Iterable[str] = (), dialect: str = "plain") -> Flask:
    """Return the application, with *bugs* in it, in one of the dialects; its campaigns are there already."""
    here = Figures(Switches(BUGS, bugs), DIALECTS[dialect])
    app = Flask(__name__)
    app.logger.disabled = True  # what crashes is meant to
    app.url_map.strict_slashes = True
    app.url_map.redirect_defaults = False
    for path, view in {
        "get/leaderboard": here.leaderboard,
        "get/campaigns": here.available,
        "get/campaign": here.read,
        "get/tasks": here.tasks_in_app,
        "action/campaign/join": here.join,
        "action/task/complete": here.complete,
        "action/task/leave": here.leave,
        "action/network/approval": here.submit,
        "get/public/campaigns": here.public,
        "campaigns": here.list_campaigns,
        "tasks": here.list_tasks,
        "advertiser/check": here.find_advertiser,
        "user/check": here.find_user,
        "advertiser/stats/financial": here.advertiser_finances,
        "advertiser/maximum-limit": here.maximum_limit,
        "advertiser/invoices": here.list_invoices,
        "campaigns/stats/general": here.general_statistics,
        "campaigns/stats/status": here.by_status,
        "campaigns/stats/networks": here.by_network,
        "campaign/stats/networks": here.networks_of_one,
        "campaign/stats/costs": here.costs,
        "campaign/settings": here.settings,
        "campaign/status": here.set_status,
        "campaign/pre-register": here.pre_register,
        "campaign/post-register": here.post_register,
        "publishers/stats/status": here.publishers,
        "publishers/stats/activity": here.activity,
        "user/status": here.user_status,
        "user/status/ban": here.ban,
        "user/notification": here.notify,
        "user/force-logout": here.log_out,
        "task/status": here.task_status,
        "task/payments": here.task_payments,
        "task/actions": here.act,
        "task/custom": here.add_custom,
        "users/stats/sex": here.by_sex,
        "users/stats/age": here.by_age,
        "users/stats/preferences": here.by_preference,
        "general/stats/pending": here.pending,
        "general/stats/financial": here.finances,
        "general/stats/estimated-publishers": here.estimated,
        "general/stats/potential-publishers": here.potential,
        "general/lists/locations": here.locations,
        "general/lists/advertisers": here.list_advertisers,
        "general/lists/allowed-countries": here.allowed_countries,
        "general/lists/allowed-cities": here.allowed_cities,
        "general/lists/allowed-categories": here.allowed_categories,
        "general/lists/allowed-campaigns": here.allowed_campaigns,
        "general/tools/exchange": here.exchange,
        "general/tools/check-user": here.check_user,
        "general/tools/user-ban": here.ban,
    }.items():
        app.add_url_rule(f"/api/{path}/", path, view, methods=["POST"])
    app.register_error_handler(Refusal, here.refused)
    app.register_error_handler(HTTPException, here.unrouted)
    return app
