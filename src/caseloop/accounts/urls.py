"""The addresses of signing in and of what people set for themselves."""

from django.urls import path

from caseloop.accounts import views

app_name = "accounts"
urlpatterns = [
    path("sign-in", views.sign_in, name="sign_in"),
    path("sign-out", views.sign_out, name="sign_out"),
    path("me", views.settings, name="settings"),
    path("me/appearance", views.appearance, name="appearance"),
    path("me/absence", views.absence, name="absence"),
]
