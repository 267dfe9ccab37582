"""The defaults to begin with: one calendar and one set of sending times, Monday to Friday 8 to 18 (spec 4.8)."""

from django.db import migrations

WEEK = [[["08:00", "18:00"]]] * 5 + [[], []]


def ship(apps, schema_editor):
    calendar, _ = apps.get_model("administration", "BusinessCalendar").objects.get_or_create(
        name="Weekdays 8 to 18", defaults={"hours": WEEK, "is_default": True}
    )
    apps.get_model("administration", "SendingTimes").objects.get_or_create(
        name="Weekdays 8 to 18", defaults={"hours": WEEK, "calendar": calendar, "is_default": True}
    )
    apps.get_model("administration", "GlobalSettings").objects.get_or_create(id=1)


class Migration(migrations.Migration):
    dependencies = [("administration", "0001_initial")]
    operations = [migrations.RunPython(ship, migrations.RunPython.noop)]
