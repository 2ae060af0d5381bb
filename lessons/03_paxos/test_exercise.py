"""What must be true of your rules, in the words of Paxos Made Simple. Read it; you need not change it.

A script is a story, one line a step: what is left open is played in calm weather. A storm plays many seeds in rough
weather. After every step of either the invariants of Paxos must hold; a claim that falls leaves a trace to look at.
"""

import pytest

from consensus_lab.lab.games import PAXOS
from consensus_lab.lab.schedules import played
from consensus_lab.lab.trials import crash_at_every_point, script, storm
from consensus_lab.protocols.paxos import cast
from consensus_lab.sim.conditions import ROUGH

points = pytest.mark.points

RED_THEN_P2 = """
    pause p2
    submit p1 Propose
    run until l1 decided red        # red is chosen
    resume p2                       # and p2, which wants blue, asks the same acceptors
    run for 30 s
"""
LATE_RED = """
    pause p2
    submit p1 Propose
    run until p1.state = PROPOSING
    crash p1                        # its proposals are on their way
    delay p1 -> a1 Accept
    delay p1 -> a2 Accept
    delay p1 -> a3 Accept
    resume p2
    run until p2.state = PROPOSING  # a majority has promised the higher ballot to p2
    pause p2
"""
ONE_VOTE_FOR_THE_FIRST = """
    pause p2
    submit p1 Propose
    run until p1.state = PROPOSING
    deliver p1 -> a1 Accept         # a1 votes in ballot 1.p1
    drop p1 -> a2 Accept
    drop p1 -> a3 Accept
    crash p1
    run for 0.1 s
    pause a1
    resume p2
"""
LOW_BALLOT = """
    pause p1
    submit p2 Propose
    run until p2.state = PROPOSING
    resume p1                       # 1.p1 is below 1.p2
    submit p1 Propose
"""


class TestForeseeingAcceptor:
    """What will an acceptor answer?"""

    @points(1, rubric="prediction")
    @pytest.mark.parametrize(
        "story",
        [LATE_RED + "deliver p1 -> a2 Accept", RED_THEN_P2, LOW_BALLOT],
        ids=["a proposal too late", "a question after a vote", "a ballot too low"],
    )
    def test_you_foresee_what_acceptors_answer_to(self, exercise, story):
        script(
            cast(acceptor=exercise.ForeseeingAcceptor),
            story
            + """
            run for 20 s
            expect a1.surprises = ()
            expect a2.surprises = ()
            expect a3.surprises = ()
            """,
        )


class TestPromisingAcceptor:
    """When may an acceptor promise, and what must be true before it says so?"""

    @points(1, rubric="progress")
    def test_a_majority_of_promises_lets_a_value_be_chosen_even_after_a_proposer_was_lost(self, exercise):
        """A higher ballot gets its promise, though a lower one had it before"""
        script(
            cast(acceptor=exercise.PromisingAcceptor),
            """
            pause p2
            submit p1 Propose
            run until p1.state = PROPOSING
            drop p1 -> a1 Accept
            drop p1 -> a2 Accept
            drop p1 -> a3 Accept
            crash p1
            resume p2
            run for 30 s
            expect l1 decided blue
            """,
        )

    @points(1, rubric="durability")
    def test_no_promise_leaves_before_it_is_on_disk(self, exercise):
        script(
            cast(1, acceptor=exercise.PromisingAcceptor),
            """
            submit p1 Propose
            sync p1
            deliver p1 -> a1 Prepare
            crash a1                        # the power fails before the disk has caught up
            recover a1
            deliver p1 -> a2 Prepare
            crash a2
            recover a2
            drop p1 -> a3 Prepare
            run for 0.3 s
            expect p1.state = PREPARING     # nobody has promised it anything
            """,
        )

    @points(1, rubric="safety")
    def test_a_promise_tells_of_the_vote(self, exercise):
        script(
            cast(acceptor=exercise.PromisingAcceptor),
            RED_THEN_P2
            + """
            expect l2 decided red
            expect p2.chosen = red          # though it wanted blue
            """,
        )

    @points(1, rubric="safety")
    def test_in_rough_weather(self, exercise):
        """Agreement and all that leads to it hold in storms and after a crash at every point"""
        storm(cast(acceptor=exercise.PromisingAcceptor), seeds=20, conditions=ROUGH)
        crash_at_every_point(cast(1, 3, 1, acceptor=exercise.PromisingAcceptor))


class TestVotingAcceptor:
    """When may an acceptor accept?"""

    @points(1, rubric="progress")
    def test_p1_the_first_proposal_is_accepted(self, exercise):
        script(
            cast(1, acceptor=exercise.VotingAcceptor),
            """
            submit p1 Propose
            run for 30 s
            expect l1 decided red
            expect l2 decided red
            """,
        )

    @points(1, rubric="safety")
    def test_p1a_a_promise_is_kept(self, exercise):
        """P1a: not if it has promised a higher ballot"""
        script(
            cast(acceptor=exercise.VotingAcceptor),
            LATE_RED
            + """
            deliver p1 -> a1 Accept
            deliver p1 -> a2 Accept
            deliver p1 -> a3 Accept
            run for 1 s
            expect l1 decided blue
            """,
        )

    @points(1, rubric="durability")
    def test_no_vote_is_told_before_it_is_on_disk(self, exercise):
        script(
            cast(1, acceptor=exercise.VotingAcceptor),
            """
            submit p1 Propose
            run until p1.state = PROPOSING
            deliver p1 -> a1 Accept
            crash a1                        # the power fails before the disk has caught up
            recover a1
            deliver p1 -> a2 Accept
            crash a2
            recover a2
            drop p1 -> a3 Accept
            run for 0.3 s
            expect l1 undecided
            """,
        )

    @points(1, rubric="progress")
    def test_a_vote_may_change_in_a_higher_ballot(self, exercise):
        script(
            cast(acceptor=exercise.VotingAcceptor),
            ONE_VOTE_FOR_THE_FIRST
            + """
            run until p2.state = PROPOSING
            deliver p2 -> a2 Accept         # ... and one for blue
            drop p2 -> a3 Accept
            drop p2 -> a1 Accept
            resume a1
            run for 60 s                    # two of three must now agree in a higher ballot
            expect l1 decided
            """,
        )

    @points(1, rubric="safety")
    def test_in_rough_weather(self, exercise):
        """Agreement and all that leads to it hold in storms and after a crash at every point"""
        storm(cast(acceptor=exercise.VotingAcceptor), seeds=20, conditions=ROUGH)
        crash_at_every_point(cast(1, 3, 1, acceptor=exercise.VotingAcceptor))


class TestListeningProposer:
    """Which value may a proposer propose?"""

    @points(1, rubric="progress")
    def test_if_nobody_has_accepted_anything_it_proposes_what_its_client_wants(self, exercise):
        script(
            cast(1, proposer=exercise.ListeningProposer),
            """
            submit p1 Propose
            run for 30 s
            expect l1 decided red
            """,
        )

    @points(1, rubric="safety")
    def test_a_vote_told_binds_it(self, exercise):
        script(
            cast(proposer=exercise.ListeningProposer),
            RED_THEN_P2
            + """
            expect p2.chosen = red          # though its client wants blue
            """,
        )

    @points(1, rubric="safety")
    @pytest.mark.parametrize("values", [("red", "blue"), ("blue", "red")], ids=["red first", "blue first"])
    def test_of_two_votes_the_higher_binds_it(self, exercise, values):
        """P2c: of two votes told, the one in the higher ballot binds it"""
        script(
            cast(values=values, proposer=exercise.ListeningProposer),
            ONE_VOTE_FOR_THE_FIRST
            + f"""
            run until l1 decided {values[1]}      # a2 and a3 in ballot 1.p2
            drop p2 -> a1 Accept
            resume a1
            pause a3
            recover p1
            submit p1 Propose(green)        # a1 and a2 will tell p1 of one vote each
            run for 30 s
            expect p1.chosen = {values[1]}
            """,
        )

    @points(1, rubric="safety")
    def test_in_rough_weather(self, exercise):
        """Agreement and all that leads to it hold in storms"""
        storm(cast(proposer=exercise.ListeningProposer), seeds=20, conditions=ROUGH)


class TestCountingLearner:
    """When is a value chosen?"""

    @points(1, rubric="progress")
    def test_a_majority_of_votes_is_enough(self, exercise):
        script(
            cast(1, learner=exercise.CountingLearner),
            """
            submit p1 Propose
            crash a3
            run for 0.4 s
            expect l1 decided red
            expect p1.state = DONE
            """,
        )

    @points(1, rubric="safety")
    def test_half_is_no_majority(self, exercise):
        script(
            cast(1, 4, learner=exercise.CountingLearner),
            """
            submit p1 Propose
            run until p1.state = PROPOSING
            drop p1 -> a3 Accept
            drop p1 -> a4 Accept
            run for 0.3 s
            expect l1 undecided
            """,
        )

    @points(1, rubric="safety")
    def test_a_vote_that_arrives_twice_counts_once(self, exercise):
        script(
            cast(1, learner=exercise.CountingLearner),
            """
            submit p1 Propose
            run until p1.state = PROPOSING
            drop p1 -> a2 Accept
            drop p1 -> a3 Accept
            deliver p1 -> a1 Accept
            sync a1
            duplicate a1 -> l1 Accepted
            run for 0.3 s
            expect l1 undecided
            """,
        )

    @points(1, rubric="safety")
    def test_votes_in_two_ballots_do_not_add_up(self, exercise):
        script(
            cast(1, learner=exercise.CountingLearner),
            """
            submit p1 Propose
            run until p1.state = PROPOSING
            deliver p1 -> a1 Accept
            drop p1 -> a2 Accept
            drop p1 -> a3 Accept
            fire p1 Overdue
            run until p1.state = PROPOSING  # now in ballot 2.p1
            drop p1 -> a1 Accept
            deliver p1 -> a2 Accept
            drop p1 -> a3 Accept
            run for 0.3 s
            expect l1 undecided
            """,
        )


class TestRestartedProposer:
    """This proposer works until its first crash. What is missing?"""

    @points(1, rubric="progress")
    def test_each_ballot_is_higher_than_the_last(self, exercise):
        script(
            cast(1, proposer=exercise.RestartedProposer),
            """
            crash a1
            crash a2
            submit p1 Propose
            run for 10 s
            recover a1
            run for 30 s
            expect l1 decided red
            """,
        )

    @points(1, rubric="progress")
    def test_a_nack_tells_which_ballot_to_beat(self, exercise):
        script(
            cast(nack=True, proposer=exercise.RestartedProposer),
            """
            pause p1
            submit p2 Propose
            run for 0.002 s
            fire p2 Overdue
            run for 0.002 s
            fire p2 Overdue                 # p2 is at ballot 3.p2
            run until l1 decided blue
            resume p1
            submit p1 Propose
            run until p1.seen = Ballot(3, p2)
            fire p1 Overdue
            expect p1.ballot = Ballot(4, p1)
            """,
        )

    @points(2, rubric="durability")
    def test_no_ballot_is_used_twice(self, exercise):
        """After a crash it uses no ballot that it has used before"""
        script(
            cast(1, proposer=exercise.RestartedProposer),
            """
            pause a3
            submit p1 Propose(red)
            run until a1.promised = Ballot(1, p1)
            sync a1
            duplicate a1 -> p1 Promise      # a copy of a1's promise stays on its way for long
            deliver a1 -> p1 Promise
            delay a1 -> p1 Promise
            run until l1 decided red
            crash p1
            run for 0.1 s
            drop p1 -> a3 Prepare
            drop p1 -> a3 Accept
            resume a3
            recover p1
            submit p1 Propose(blue)         # the client has another wish
            run for 0.1 s
            deliver a1 -> p1 Promise(ballot=Ballot(1, p1), accepted=None)
            run for 30 s
            expect p1.chosen = red
            """,
        )


class TestChoosingAdversary:
    """You pick what happens next. How do you get two values chosen?"""

    @points(2, rubric="adversary", seconds=120)
    @pytest.mark.parametrize("game", PAXOS, ids=lambda game: game.name)
    def test_your_schedule_wins_the_game(self, exercise, game, record_property):
        played(exercise.ChoosingAdversary(), game).award(record_property, 2)
