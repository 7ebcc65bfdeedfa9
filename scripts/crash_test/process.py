"""Child processes that never outlive the test, however it ends."""
import asyncio
import ctypes
import os
import signal

PR_SET_PDEATHSIG = 1
LONGEST_LINE = 16 * 1024 * 1024
_libc = ctypes.CDLL(None, use_errno=True)


def end_with_parent(number=signal.SIGKILL):
    """In a child: the kernel sends it this signal when its parent dies, were it by SIGKILL."""
    _libc.prctl(PR_SET_PDEATHSIG, number)


async def start(arguments, **streams):
    """A process in a session of its own, so that Ctrl-C on the terminal reaches only the test."""
    return await asyncio.create_subprocess_exec(
        *map(str, arguments), limit=LONGEST_LINE, start_new_session=True, preexec_fn=end_with_parent,
        env=dict(os.environ, LC_ALL="C"), **streams)


async def end(process, patience=0.0):
    """Its exit code; SIGTERM first when it is given `patience` seconds, SIGKILL when they are over."""
    if process.returncode is None and patience:
        send(process, signal.SIGTERM)
        await exit_within(process, patience)
    if process.returncode is None:
        send(process, signal.SIGKILL)
    return await process.wait()


def send(process, number):
    try:
        process.send_signal(number)
    except ProcessLookupError:
        pass  # It has just ended.


async def exit_within(process, seconds):
    """Whether it ended in that time."""
    try:
        await asyncio.wait_for(process.wait(), seconds)
    except asyncio.TimeoutError:
        return False
    return True
