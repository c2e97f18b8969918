"""Shared shortcuts for tests: records, unsigned files, and files signed by roots of our own."""

import plistlib

from signed_archives import icloud_identity, shortcut_content, sign

from workflowbench.collection.replay.icloud_records import DEVICE, SHARER, asset, identifier, record

__all__ = ["DEVICE", "SHARER", "asset", "identifier", "plist", "record", "roots", "signed", "workflow"]


def workflow(text="tea"):
    action = {
        "WFWorkflowActionIdentifier": "is.workflow.actions.comment",
        "WFWorkflowActionParameters": {"WFCommentActionText": text},
    }
    return {"WFWorkflowActions": [action]}


def plist(text="tea"):
    return plistlib.dumps(workflow(text), fmt=plistlib.FMT_BINARY)


def signed(number, text="tea"):
    return sign(shortcut_content(workflow(text)), icloud_identity(identifier(number)))


def roots(number):
    return icloud_identity(identifier(number)).roots
