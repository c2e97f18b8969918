from hypothesis import given
from hypothesis import strategies as st

from workflowbench.catalogue import Catalogue
from workflowbench.catalogue.rendering import python_stub
from workflowbench.generation.prompting import Demonstration, chat_messages, fenced

EXAMPLE = Demonstration("w1", "Could you greet me?", "1. Greet.", "is_workflow_actions_alert()")


def test_the_prompt_holds_request_stubs_and_examples(catalogue: Catalogue) -> None:
    stub = python_stub(catalogue["is.workflow.actions.alert"])
    system, user = chat_messages("Can you warn me?", [stub], [EXAMPLE])
    assert (system["role"], user["role"]) == ("system", "user")
    assert "Request: Can you warn me?" in user["content"]
    assert stub.strip() in user["content"]
    assert "Thought: 1. Greet.\n\nCode:\n```python\nis_workflow_actions_alert()\n```" in user["content"]


def test_without_examples_none_is_announced() -> None:
    assert "Example" not in chat_messages("Can you warn me?", [])[1]["content"]


@given(st.text())
def test_a_request_stays_on_its_line(query: str) -> None:
    content = chat_messages(query, ["def f() -> None: ..."])[1]["content"]
    after = content.split("\nRequest: ", 1)[1].split("\n", 1)[1]
    assert after == "\nAPIs:\n```python\ndef f() -> None: ...\n```"


@given(st.lists(st.sampled_from(["```", "`", "````", "\n", "x"])).map("".join))
def test_no_text_closes_the_fence_around_it(text: str) -> None:
    first, *inside, last = fenced(text).split("\n")
    assert first == f"{last}python"
    assert all(last not in line for line in inside)
