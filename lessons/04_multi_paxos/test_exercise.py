"""What must be true of your rules, in the words of the papers on Multi-Paxos. Read it; you need not change it.

A script is a story, one line a step: what is left open is played in calm weather. A storm plays many seeds in bad
weather. After every step of either the invariants must hold; a claim that falls leaves a trace to look at.
"""

import pytest

from consensus_lab.lab.predictions import Story, foretold
from consensus_lab.lab.trials import script, storm
from consensus_lab.protocols.multi_paxos import cast
from consensus_lab.sim.conditions import STORMY

points = pytest.mark.points

STORM = {"seeds": 6, "conditions": STORMY, "steps": 250}

LED_BY_S1 = """
    run until s1.state = LEADING
    run until s2.seen = Ballot(1, s1)
    run until s3.seen = Ballot(1, s1)
"""
RED_IS_PROPOSED = f"""
    {LED_BY_S1}
    submit c1 Call(Put(key=x, value=red))
    sync c1
    deliver c1 -> s1 Request            # s1 proposes it for slot 1
"""
S2_TAKES_OVER = """
    fire s2 LeaderSilent
    sync s2
    deliver s2 -> s2 Promise
    deliver s2 -> s3 Prepare
    sync s3
    deliver s3 -> s2 Promise            # s2 leads, in ballot 2
"""
SLOTS_1_AND_3_ARE_CHOSEN = f"""
    {RED_IS_PROPOSED}
    deliver s1 -> s2 Accept
    drop s1 -> s3 Accept
    submit c2 Call(Put(key=y, value=green))
    sync c2
    deliver c2 -> s1 Request            # for slot 2, which reaches nobody
    drop s1 -> s2 Accept
    drop s1 -> s3 Accept
    submit c3 Call(Put(key=z, value=blue))
    sync c3
    deliver c3 -> s1 Request
    deliver s1 -> s2 Accept
    drop s1 -> s3 Accept
    sync s2                             # s2 holds votes in slots 1 and 3
"""
RED_IN_S3_AND_BLUE_CHOSEN = f"""
    {RED_IS_PROPOSED}
    deliver s1 -> s3 Accept             # s3 votes for red in ballot 1
    drop s1 -> s2 Accept
    sync s3
    crash s1
    drop s3 -> s1 Accepted
    pause s3
    recover s1
    fire s2 LeaderSilent
    sync s2
    deliver s2 -> s2 Promise
    deliver s2 -> s1 Prepare
    sync s1
    deliver s1 -> s2 Promise            # s2 leads, and was told of no vote
    submit c2 Call(Put(key=x, value=blue))
    sync c2
    deliver c2 -> s1 Request
    deliver s1 -> c2 Redirect
    deliver c2 -> s2 Request
    deliver s2 -> s1 Accept
    sync s1
    sync s2
    deliver s2 -> s2 Accepted
    deliver s1 -> s2 Accepted           # s1 and s2 have voted for blue in ballot 2: it is chosen in slot 1
    crash s2
    resume s3
    fire s3 LeaderSilent
    sync s3
    drop s3 -> s2 Prepare
    deliver s3 -> s3 Promise            # s3 is told of red by itself first ...
    deliver s3 -> s1 Prepare            # ... and then of blue
"""
SLOT_1_NEVER_REACHES_S3 = f"""
    {RED_IS_PROPOSED}
    drop s1 -> s3 Accept
    run until s2.applied = 1
    submit c2 Call(Put(key=y, value=blue))
    cut s1 -> s3
    run until s1.next_slot = 3
    heal s1 -> s3
    deliver s1 -> s3 Accept             # s3 holds a vote in slot 2, and none in slot 1
    sync s3
    run until s1.applied = 2
    deliver s1 -> s3 Commit(ballot=Ballot(1, s1), committed=2)
"""


def tale(name, beginning, ending, *claims):
    return Story(name, cast(clients=3, wishes=()), f"{beginning}\npause c1\npause c2\npause c3", ending, claims)


STORIES = {
    "on two disks": tale(
        "on two disks",
        f"{RED_IS_PROPOSED}\ndeliver s1 -> s2 Accept\ndrop s1 -> s3 Accept\nsync s1\nsync s2\ncrash s1",
        "run for 2 s",
        "s3.store = dict()",
        "s3.store = {x: red}",
    ),
    "on one disk, which is away": tale(
        "on one disk, which is away",
        f"{RED_IS_PROPOSED}\ndrop s1 -> s2 Accept\ndrop s1 -> s3 Accept\nsync s1\ncrash s1\n{S2_TAKES_OVER}",
        "run for 1 s\nresume c2\nsubmit c2 Call(Put(key=x, value=blue))\nrun for 2 s\nrecover s1\nrun for 1 s",
        "s1.store = {x: red}",
        "s1.store = {x: blue}",
    ),
    "a hole": tale(
        "a hole",
        f"{SLOTS_1_AND_3_ARE_CHOSEN}\ncrash s1",
        "run for 2 s",
        "s3.applied = 1",
        "s3.applied = 3",
    ),
    "cut off": tale(
        "cut off",
        f"{LED_BY_S1}\npartition s1 c1 | s2 s3 c2 c3\nsubmit c1 Call(Put(key=x, value=red))\nrun for 0.2 s",
        "run for 2 s",
        "s1.applied = 0",
        "s1.applied = 1",
    ),
    "the answer is lost": tale(
        "the answer is lost",
        f"{LED_BY_S1}\ncut s1 -> c1\nsubmit c1 Call(Add(key=x, amount=1))\nrun until s2.applied = 1\ncrash s1",
        "resume c1\nrun until c1.request = nothing\nrun for 0.2 s",
        "s2.store = {x: 2}",
        "s2.store = {x: 1}",
    ),
}


class TestForecast:
    """A leader is lost in the middle of its work. What will become of it?"""

    @points(1, rubric="understanding")
    @pytest.mark.parametrize("name", STORIES)
    def test_you_foresee_how_the_story_ends(self, exercise, name):
        foretold(exercise.Forecast(), STORIES[name])


class TestRecoveringLeader:
    """What must a new leader propose for a slot that is not its first?"""

    @points(1, rubric="progress")
    def test_a_hole_is_filled_so_that_what_is_beyond_can_be_applied(self, exercise):
        story = f"""
            {SLOTS_1_AND_3_ARE_CHOSEN}
            crash s1
            {S2_TAKES_OVER}
            run until s3.applied = 3
            expect s3.store = {{x: red, z: blue}}
        """
        script(cast(clients=3, wishes=(), server=exercise.RecoveringLeader), story)

    @points(2, rubric="safety")
    def test_what_may_be_chosen_is_proposed_again(self, exercise):
        """P2c, slot by slot: of the votes told, the highest binds"""
        story = f"""
            {RED_IN_S3_AND_BLUE_CHOSEN}
            run until s3.state = LEADING
            run until s3.applied = 1
            expect s3.store = {{x: blue}}
        """
        script(cast(wishes=(), server=exercise.RecoveringLeader), story)

    @points(1, rubric="safety")
    def test_in_a_storm(self, exercise):
        """Agreement holds in every slot, in storms"""
        storm(cast(clients=3, wishes=("add",), server=exercise.RecoveringLeader), **STORM)


class TestLearningReplica:
    """The leader says how far the log is chosen. Which of your votes may you believe?"""

    @points(1, rubric="progress")
    def test_what_it_voted_for_in_this_ballot_it_applies_when_it_is_committed(self, exercise):
        story = f"""
            {RED_IS_PROPOSED}
            run until s1.applied = 1
            cut s2 -> s1                    # s2 cannot ask for anything
            run until s2.applied = 1
            expect s2.store = {{x: red}}
        """
        script(cast(wishes=(), server=exercise.LearningReplica), story)

    @points(1, rubric="safety")
    def test_what_is_not_committed_it_does_not_apply(self, exercise):
        story = """
            run until s1.state = LEADING
            run for 0.03 s
            submit c1 Call(Put(key=x, value=red))
            sync c1
            deliver c1 -> s1 Request
            deliver s1 -> s2 Accept         # two votes of four
            drop s1 -> s3 Accept
            drop s1 -> s4 Accept
            run for 0.15 s
            expect s2.applied = 0
        """
        script(cast(4, wishes=(), server=exercise.LearningReplica), story)

    @points(1, rubric="safety")
    def test_a_vote_in_an_older_ballot_may_be_for_something_else(self, exercise):
        story = f"""
            {LED_BY_S1}
            partition s1 c1 | s2 s3 c2
            submit c1 Call(Put(key=x, value=red))   # s1 votes for red, in ballot 1
            submit c2 Call(Put(key=x, value=blue))
            run until c2.request = nothing          # blue is chosen there, in a higher ballot
            heal all
            run for 2 s
            expect s1.applied = 2
            expect s1.store = {{x: red}}            # c1 has asked again
        """
        script(cast(wishes=(), server=exercise.LearningReplica), story)

    @points(1, rubric="safety")
    def test_what_it_does_not_hold_it_does_not_make_up(self, exercise):
        story = f"""
            {SLOT_1_NEVER_REACHES_S3}
            expect s3.applied = 0
            run for 0.1 s
            expect s3.store = {{x: red, y: blue}}
        """
        script(cast(wishes=(), server=exercise.LearningReplica), story)


class TestApplyingReplica:
    """You know some decisions. Which commands may be applied now?"""

    @points(2, rubric="progress")
    def test_what_is_beyond_a_slot_that_it_lacks_waits_until_that_comes(self, exercise):
        story = f"""
            {SLOT_1_NEVER_REACHES_S3}
            expect s3.applied = 0
            deliver s3 -> s1 CatchUp
            deliver s1 -> s3 Decisions
            expect s3.store = {{x: red, y: blue}}
        """
        script(cast(wishes=(), server=exercise.ApplyingReplica), story)

    @points(1, rubric="safety")
    def test_in_a_storm(self, exercise):
        """Prefix and NoHoles hold in storms"""
        storm(cast(clients=3, wishes=("add",), server=exercise.ApplyingReplica), **STORM)


class TestCarefulReplica:
    """A request may stand in two slots. How does it take effect once?"""

    @points(2, rubric="safety")
    def test_a_request_that_is_chosen_in_two_slots_counts_once(self, exercise):
        story = f"""
            {LED_BY_S1}
            submit c1 Call(Add(key=x, amount=1))
            sync c1
            deliver c1 -> s1 Request
            deliver s1 -> s2 Accept
            drop s1 -> s3 Accept
            sync s2
            crash s1
            {S2_TAKES_OVER}
            fire c1 Unanswered              # s2 proposes slot 1 again, and is asked for the same before it is chosen
            deliver c1 -> s2 Request
            expect s2.next_slot = 3
            run for 0.2 s
            expect s3.store = {{x: 1}}
        """
        script(cast(wishes=(), server=exercise.CarefulReplica), story)

    @points(1, rubric="safety")
    def test_clients_number_their_requests_each_for_itself(self, exercise):
        story = f"""
            {LED_BY_S1}
            submit c1 Call(Add(key=x, amount=1))
            submit c2 Call(Add(key=x, amount=1))
            run for 0.2 s
            expect s3.store = {{x: 2}}
        """
        script(cast(wishes=(), server=exercise.CarefulReplica), story)

    @points(1, rubric="safety")
    def test_who_asks_again_hears_the_same_answer(self, exercise):
        story = f"""
            {LED_BY_S1}
            cut s1 -> c1
            submit c1 Call(Add(key=x, amount=1))
            run until s2.applied = 1
            crash s1                        # the answer is lost, and so is whoever gave it
            run until c1.request = nothing
            expect s2.store = {{x: 1}}
        """
        script(cast(wishes=(), server=exercise.CarefulReplica), story)


class TestSnapshottingReplica:
    """This snapshot brings back the store. What is missing?"""

    @points(1, rubric="durability")
    def test_from_its_snapshot_alone_a_replica_goes_on_where_it_was(self, exercise):
        story = f"""
            {LED_BY_S1}
            submit c1 Call(Add(key=x, amount=1))
            run until s3.applied = 1
            run for 0.02 s
            crash s3
            recover s3
            expect s3.applied = 1
            expect s3.store = {{x: 1}}
        """
        script(cast(snapshot_every=1, wishes=(), server=exercise.SnapshottingReplica), story)

    @points(2, rubric="safety")
    def test_who_asks_again_is_not_counted_again(self, exercise):
        """Nobody has anything but a snapshot, and the same request comes once more"""
        story = f"""
            {LED_BY_S1}
            cut s1 -> c1
            submit c1 Call(Add(key=x, amount=1))
            run until s2.applied = 1
            run until s3.applied = 1
            run for 0.01 s
            crash s1
            crash s2
            crash s3
            recover s1
            recover s2
            recover s3
            heal s1 -> c1
            run until c1.request = nothing
            expect s2.store = {{x: 1}}
        """
        script(cast(snapshot_every=1, wishes=(), server=exercise.SnapshottingReplica), story)


class TestReadingLeader:
    """You lead, and you are asked for a value. When may you answer from your own store?"""

    @points(1, rubric="progress")
    def test_a_read_takes_a_round_of_messages_and_no_slot(self, exercise):
        story = f"""
            {LED_BY_S1}
            submit c1 Call(Put(key=x, value=red))
            run until c1.request = nothing
            submit c2 Call(Get(x))
            run until c2.request = nothing
            expect s1.next_slot = 2
        """
        script(cast(reads="index", wishes=(), server=exercise.ReadingLeader), story)

    @points(2, rubric="safety")
    def test_a_leader_that_is_deposed_and_does_not_know_answers_nothing(self, exercise):
        story = f"""
            {LED_BY_S1}
            submit c1 Call(Put(key=x, value=red))
            run until c1.request = nothing
            submit c2 Call(Get(x))
            run until c2.request = nothing
            partition s1 c2 | s2 s3 c1
            submit c1 Call(Put(key=x, value=blue))
            run until c1.request = nothing  # another leads, and has answered
            submit c2 Call(Get(x))          # but c2 reaches s1 only, which holds red
            run for 0.3 s
            heal all
            run until c2.request = nothing
        """
        script(cast(reads="index", wishes=(), server=exercise.ReadingLeader), story)

    @points(1, rubric="safety")
    def test_a_new_leader_first_applies_what_earlier_ones_had_chosen(self, exercise):
        story = f"""
            {RED_IS_PROPOSED}
            deliver s1 -> s2 Accept
            cut s1 -> s2
            cut s1 -> s3
            run until c1.request = nothing  # c1 has been told, and nobody else
            crash s1
            {S2_TAKES_OVER}
            submit c2 Call(Get(x))
            sync c2
            fire c2 Unanswered
            deliver c2 -> s2 Request        # s2 holds the vote, and has not applied it yet
            sync s2
            deliver s2 -> s3 Confirm
            deliver s3 -> s2 Confirmed
            run until c2.request = nothing
        """
        script(cast(reads="index", wishes=(), server=exercise.ReadingLeader), story)
