"""Mutants of what the state machine's steps are given, keep and catch."""

from tests.template.parts import Mutants, change, state

STEPS: Mutants = {
    "every error before those with a name": (
        "errors_are_told_apart",
        lambda app: state(app, "DispatchBatches")["Retry"].reverse(),
    ),
    "folding that is retried like a breakdown": (
        "errors_are_told_apart",
        lambda app: state(app, "ReduceJob")["Retry"].pop(0),
    ),
    "an error's name misspelt": (
        "errors_are_told_apart",
        lambda app: change(state(app, "ReduceJob")["Retry"][1], ErrorEquals=["ModelBusy"]),
    ),
    "a busy model that ends a job after four tries": (
        "errors_are_told_apart",
        lambda app: change(state(app, "ReduceJob")["Retry"][1], MaxAttempts=4),
    ),
    "a vendor away for a minute that fails a job": (
        "errors_are_told_apart",
        lambda app: state(app, "PlanJob")["Retry"].pop(0),
    ),
    "a deadline that begins anew": (
        "errors_are_told_apart",
        lambda app: change(state(app, "DispatchBatches")["Retry"][0], MaxAttempts=3),
    ),
    "a failure that ends without being settled": (
        "failures_are_settled",
        lambda app: change(state(app, "ReduceJob")["Catch"][0], Next="Ended"),
    ),
    "a failure that forgets whose it is": (
        "failures_are_settled",
        lambda app: state(app, "PlanJob")["Catch"][0].pop("ResultPath"),
    ),
    "an execution that was overtaken and settles the other's job": (
        "failures_are_settled",
        lambda app: change(state(app, "DispatchBatches")["Catch"][0], Next="SettleJob"),
    ),
    "a step that is told nothing": (
        "steps_get_and_keep_the_jobs_data",
        lambda app: state(app, "SettleJob")["Parameters"].pop("Payload.$"),
    ),
    "a fan-out without its token": (
        "steps_get_and_keep_the_jobs_data",
        lambda app: state(app, "DispatchBatches")["Parameters"]["Payload"].pop("task_token.$"),
    ),
    "a result in place of the job's ids": (
        "steps_get_and_keep_the_jobs_data",
        lambda app: state(app, "DispatchBatches").pop("ResultPath"),
    ),
    "a fan-out that does not wait": (
        "the_fan_out_waits_for_its_token",
        lambda app: change(state(app, "DispatchBatches"), Resource="arn:aws:states:::lambda:invoke"),
    ),
    "a step that waits for a token nobody has": (
        "the_fan_out_waits_for_its_token",
        lambda app: change(
            state(app, "ReduceJob"), Resource="arn:aws:states:::lambda:invoke.waitForTaskToken"
        ),
    ),
    "a word that plan_job never says": (
        "the_plan_decides_what_is_next",
        lambda app: change(state(app, "WorkToDo")["Choices"][0], StringEquals="Dispatch"),
    ),
    "a choice that dispatches what waits for approval": (
        "the_plan_decides_what_is_next",
        lambda app: change(state(app, "WorkToDo"), Default="DispatchBatches"),
    ),
    "a language that the local cloud does not know": (
        "the_plan_decides_what_is_next",
        lambda app: change(app.machine, QueryLanguage="JSONata"),
    ),
}
