"""What a person keeps about themselves: language, address, telephone."""

from django.urls import reverse

from committee.models import Person
from tests.pages.pages import as_


def test_the_language_chosen_is_kept_for_mail(founded):
    as_(founded["liaison"]).post(reverse("display"), {"language": "zh-hans"})
    assert Person.objects.get(pk=founded["liaison"].pk).language == "zh-hans"
    as_(founded["liaison"]).post(reverse("display"), {"language": "tlh"})
    assert Person.objects.get(pk=founded["liaison"].pk).language == "zh-hans"


def test_people_of_a_rehearsal_have_addresses_that_reach_nobody(founded):
    for person in founded.people.values():
        assert person.email.endswith(".example")
        assert person.phone.isdigit()
