"""Which case of Caseloop is which case of the simulation, and who sent which of our mails?"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from caseloop.cases.models import Case
from caseloop.mail.models import Message
from caseloop.simulation.files import By, CaseFile
from caseloop.simulation.letters import Letter, Means
from caseloop.simulation.mail_server import MailServer


@dataclass(slots=True)
class Registry:
    """`sent_by`: what people sent off, by Message-ID; what is not in it the assistant sent."""

    server: MailServer
    files: list[CaseFile] = field(default_factory=list)
    sent_by: dict[str, tuple[CaseFile, By]] = field(default_factory=dict)
    unanswered: dict[int, CaseFile] = field(default_factory=dict)
    promised: dict[int, CaseFile] = field(default_factory=dict)
    side_cases: dict[int, CaseFile] = field(default_factory=dict)
    _by_pk: dict[int, CaseFile] = field(default_factory=dict)
    _by_number: dict[str, CaseFile] = field(default_factory=dict)
    _seen: int = 0

    def of_case(self, pk: int) -> CaseFile | None:
        """The file of a case; None for one that a mail opened by mistake."""
        return self._by_pk.get(pk)

    def of_number(self, subject: str) -> CaseFile | None:
        """The file whose number stands in brackets at the end of the subject."""
        number = subject.rpartition("[")[2].partition("]")[0]
        return self._by_number.get(number)

    def letter(self, message_id: str) -> Letter | None:
        """The letter with this Message-ID."""
        return self.server.letters.get(message_id)

    def note(self, file: CaseFile, case: Case) -> None:
        """This case is that file's."""
        file.pk, file.number = case.pk, case.number
        self._by_pk[case.pk] = file
        self._by_number[case.number] = file
        self.unanswered[case.pk] = file

    def find_new_cases(self) -> Iterable[CaseFile]:
        """Cases that mails opened since the last time; one opened by a mail that meant another case is a side case."""
        rows = Case.objects.filter(pk__gt=self._seen).order_by("pk")
        found = []
        for case in rows:
            self._seen = case.pk
            if case.pk in self._by_pk:
                continue
            letter = self._opened_by(case)
            if letter is None or letter.file is None:
                continue
            if letter.means is Means.OPENS and not letter.file.pk:
                self.note(letter.file, case)
                found.append(letter.file)
            else:
                self.side_cases[case.pk] = letter.file
        return found

    def _opened_by(self, case: Case) -> Letter | None:
        if case.follows_id is not None:
            return None
        message = Message.objects.filter(case=case, direction="in").order_by("pk").first()
        return self.letter(message.message_id) if message else None
