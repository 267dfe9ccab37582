"""Is the template chosen in the order that administrators were promised?"""

from caseloop.letters.choosing import Candidate, Choice, Wanted, choose


def candidate(template_id, name, **more):
    more.setdefault("purpose", "second")
    more.setdefault("languages", frozenset({"en", "de"}))
    return Candidate(template_id=template_id, name=name, default_language="en", **more)


NAMED = candidate(1, "Named")
COFFEE = candidate(2, "Coffee", may_be_recommended=True, lines_of_business=frozenset({"Coffee"}))
DEFAULT = candidate(3, "House", is_global_default=True)
ADVISED = candidate(4, "Advised", may_be_recommended=True)
ALL = (DEFAULT, ADVISED, NAMED, COFFEE)


def wanted(**more):
    more.setdefault("purpose", "second")
    more.setdefault("language", "de")
    return Wanted(**more)


def test_template_of_the_rule_comes_first():
    choice = choose(wanted(rule_template_id=1, use_recommended=True, line_of_business="Coffee"), ALL)
    assert choice == Choice(1, "de", "The rule names “Named” for this step, in the customer's language.")


def test_recommended_one_comes_before_the_line_of_business_and_both_before_the_default():
    assert choose(wanted(use_recommended=True, recommended_id=4, line_of_business="Coffee"), ALL).template_id == 4
    assert choose(wanted(use_recommended=True, line_of_business="Coffee"), ALL).template_id == 2
    assert choose(wanted(use_recommended=True, line_of_business="Tea"), ALL).template_id == 3


def test_recommended_ones_are_left_out_while_switched_off_or_not_allowed():
    assert choose(wanted(recommended_id=4, line_of_business="Coffee"), ALL).template_id == 3
    assert choose(wanted(use_recommended=True, recommended_id=1), ALL).template_id == 3


def test_shipped_text_is_used_when_nothing_fits():
    choice = choose(wanted(purpose="last"), ALL)
    assert choice == Choice(None, "de", "The shipped text is used, because no template fits this mail.")


def test_template_speaks_the_customers_language_or_its_own_default():
    assert choose(wanted(language="de-AT"), ALL).language == "de"
    choice = choose(wanted(language="fr"), ALL)
    assert (choice.language, choice.reason) == (
        "en",
        "“House” is the default template; it has no “fr”, so it is in “en”.",
    )


def test_among_templates_of_one_line_of_business_the_customers_language_decides():
    french = candidate(
        9,
        "Café",
        may_be_recommended=True,
        lines_of_business=frozenset({"Coffee"}),
        languages=frozenset({"en", "fr"}),
    )
    choice = choose(wanted(language="fr", use_recommended=True, line_of_business="Coffee"), (*ALL, french))
    assert (choice.template_id, choice.language) == (9, "fr")


def test_default_that_does_not_say_the_closing_date_is_passed_over_in_the_last_mail():
    mute = candidate(3, "House", purpose="last", is_global_default=True, closing_date_in=frozenset({"en"}))
    assert choose(wanted(purpose="last", language="en", needs_closing_date=True), [mute]).template_id == 3
    choice = choose(wanted(purpose="last", language="de", needs_closing_date=True), [mute])
    assert choice.template_id is None
    assert choice.reason == "The shipped text is used, because “House” doesn't say when the case is closed."
