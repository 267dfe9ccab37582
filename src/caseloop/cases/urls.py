"""The addresses of cases: the list, the page of one, and its nouns."""

from django.urls import path

from caseloop.cases.views import activities, bulk, contacts, detail, edits, listing, reopenings, timeline

app_name = "cases"
urlpatterns = [
    path("cases", listing.case_list, name="list"),
    path("cases/new", edits.new_case, name="new"),
    path("cases/changes-together", bulk.changes_together, name="bulk"),
    path("cases/<str:number>", detail.case_detail, name="detail"),
    path("cases/<str:number>/news", detail.news, name="news"),
    path("cases/<str:number>/timeline", timeline.timeline, name="timeline"),
    path("cases/<str:number>/fields", edits.fields, name="fields"),
    path("cases/<str:number>/status-reason", edits.status_reason, name="status_reason"),
    path("cases/<str:number>/owner", edits.owner, name="owner"),
    path("cases/<str:number>/queue", edits.queue, name="queue"),
    path("cases/<str:number>/hold", edits.hold, name="hold"),
    path("cases/<str:number>/automation", edits.automation, name="automation"),
    path("cases/<str:number>/activities/<str:kind>", activities.new_activity, name="new_activity"),
    path("cases/<str:number>/reopening", reopenings.reopening, name="reopening"),
    path("cases/<str:number>/cancellation", edits.cancellation, name="cancellation"),
    path("activities/<int:activity_id>/completion", activities.completion, name="completion"),
    path("activities/<int:activity_id>/dropping", activities.dropping, name="dropping"),
    path("contacts/<int:contact_id>", contacts.contact_detail, name="contact"),
    path("contacts/<int:contact_id>/addresses", contacts.addresses, name="addresses"),
    path("addresses/<int:address_id>/primary", contacts.primary, name="primary_address"),
    path("addresses/<int:address_id>/clearance", contacts.clearance, name="clearance"),
]
