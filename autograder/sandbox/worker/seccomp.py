"""seccomp: the kernel refuses system calls that student code does not need.

torch, numpy, scikit-learn and matplotlib still have threads, memory, files (guarded by Landlock),
pipes, socket pairs and clocks. Refused are calls that start processes, reach other processes or
the network, leave something behind, or administer the machine.

Source: https://www.kernel.org/doc/html/latest/userspace-api/seccomp_filter.html
"""

import ctypes
import errno
import os
import platform
import signal
import struct
import sys

PR_SET_NO_NEW_PRIVS, PR_SET_SECCOMP = 38, 22
SECCOMP_MODE_FILTER = 2
ALLOW, ERRNO, KILL_PROCESS = 0x7FFF0000, 0x00050000, 0x80000000
CLONE_THREAD = 0x00010000

# Classic BPF: load a word; jump if equal, if greater or equal, if any bit is set; return.
LOAD, EQUAL, AT_LEAST, BIT, RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
NUMBER, ARCH, ARGUMENT = 0, 4, 16  # offsets in struct seccomp_data

AUDIT_ARCH = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
LAST_KNOWN = 450  # above are newer calls, which nobody has reviewed, and x32's on x86_64

# System calls by name, with their numbers on x86_64 and aarch64 (-1: does not exist).
NOT_PERMITTED = {
    # start programs and processes
    "fork": (57, -1),
    "vfork": (58, -1),
    "execve": (59, 221),
    "execveat": (322, 281),
    # reach other processes
    "ptrace": (101, 117),
    "tkill": (200, 130),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "process_madvise": (440, 440),
    "process_mrelease": (448, 448),
    "kcmp": (312, 272),
    "pidfd_open": (434, 434),
    "pidfd_getfd": (438, 438),
    "pidfd_send_signal": (424, 424),
    "rt_sigqueueinfo": (129, 138),
    "rt_tgsigqueueinfo": (297, 240),
    "move_pages": (279, 239),
    "migrate_pages": (256, 238),
    "setpriority": (141, 140),
    "sched_setaffinity": (203, 122),  # a child stays on the processor that it was given
    "ioprio_set": (251, 30),
    # reach the network
    "socket": (41, 198),
    "connect": (42, 203),
    "bind": (49, 200),
    "listen": (50, 201),
    "accept": (43, 202),
    "accept4": (288, 242),
    # outlive the process
    "shmget": (29, 194),
    "shmat": (30, 196),
    "shmctl": (31, 195),
    "semget": (64, 190),
    "semctl": (66, 191),
    "msgget": (68, 186),
    "msgctl": (71, 187),
    "mq_open": (240, 180),
    "mq_unlink": (241, 181),
    "add_key": (248, 217),
    "request_key": (249, 218),
    "keyctl": (250, 219),
    # files: changes that old versions of Landlock do not guard, owners, watches
    "truncate": (76, 45),
    "chown": (92, -1),
    "fchown": (93, 55),
    "lchown": (94, -1),
    "fchownat": (260, 54),
    "mknod": (133, -1),
    "mknodat": (259, 33),
    "inotify_add_watch": (254, 27),
    "fanotify_init": (300, 262),
    "name_to_handle_at": (303, 264),
    "open_by_handle_at": (304, 265),
    # administer the machine
    "unshare": (272, 97),
    "setns": (308, 268),
    "chroot": (161, 51),
    "pivot_root": (155, 41),
    "mount": (165, 40),
    "umount2": (166, 39),
    "open_tree": (428, 428),
    "move_mount": (429, 429),
    "fsopen": (430, 430),
    "fsconfig": (431, 431),
    "fsmount": (432, 432),
    "fspick": (433, 433),
    "mount_setattr": (442, 442),
    "bpf": (321, 280),
    "perf_event_open": (298, 241),
    "personality": (135, 92),
    "modify_ldt": (154, -1),
    "iopl": (172, -1),
    "ioperm": (173, -1),
    "acct": (163, 89),
    "quotactl": (179, 60),
    "quotactl_fd": (443, 443),
    "swapon": (167, 224),
    "swapoff": (168, 225),
    "reboot": (169, 142),
    "kexec_load": (246, 104),
    "kexec_file_load": (320, 294),
    "init_module": (175, 105),
    "finit_module": (313, 273),
    "delete_module": (176, 106),
    "settimeofday": (164, 170),
    "clock_settime": (227, 112),
    "clock_adjtime": (305, 266),
    "adjtimex": (159, 171),
    "sethostname": (170, 161),
    "setdomainname": (171, 162),
    "syslog": (103, 116),
    "vhangup": (153, 58),
    "lookup_dcookie": (212, 18),
}
NOT_IMPLEMENTED = {  # libraries try these and do without
    "clone3": (435, 435),
    "io_uring_setup": (425, 425),
    "io_uring_enter": (426, 426),
    "io_uring_register": (427, 427),
    "userfaultfd": (323, 282),
    "memfd_create": (319, 279),
    "memfd_secret": (447, 447),
}
NOT_SUPPORTED = {  # `shutil.copy2` continues without
    "setxattr": (188, 5),
    "lsetxattr": (189, 6),
    "fsetxattr": (190, 7),
    "removexattr": (197, 14),
    "lremovexattr": (198, 15),
    "fremovexattr": (199, 16),
}
PRETENDED = {  # Landlock does not guard these; `shutil.copy` and `Path.touch` need a success
    "chmod": (90, -1),
    "fchmod": (91, 52),
    "fchmodat": (268, 53),
    "utime": (132, -1),
    "utimes": (235, -1),
    "futimesat": (261, -1),
    "utimensat": (280, 88),
}
SIGNALS = {  # only to this process, and not SIGKILL, which always means a kill from outside
    "kill": (62, 129),
    "tgkill": (234, 131),
}
SIGNAL_ARGUMENT = {"kill": 1, "tgkill": 2}
ON_ITSELF = {  # the first argument must be this process, or 0, which means the same
    "prlimit64": (302, 261),
    "sched_setparam": (142, 118),
    "sched_setscheduler": (144, 119),
    "sched_setattr": (314, 274),
}
CLONE = (56, 220)
ANSWERS = (
    (NOT_PERMITTED, errno.EPERM),
    (NOT_IMPLEMENTED, errno.ENOSYS),
    (NOT_SUPPORTED, errno.ENOTSUP),
    (PRETENDED, 0),
)


class _Program(ctypes.Structure):
    """`struct sock_fprog`."""

    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_char_p))


def available() -> bool:
    """Return whether the tables have the system calls of this machine."""
    return sys.platform.startswith("linux") and platform.machine() in AUDIT_ARCH


def restrict() -> None:
    """Apply the filter to the calling process, permanently.

    Raises:
        OSError: the kernel refused.
    """
    install(program(platform.machine(), os.getpid()))


def install(code: bytes) -> None:
    """Have the kernel run a program before each system call of this process and its children.

    Raises:
        OSError: the kernel refused.
    """
    filter_program = _Program(len(code) // 8, code)
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    if libc.prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, ctypes.byref(filter_program), 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "seccomp")


def program(machine: str, pid: int) -> bytes:
    """Return the filter for a process as BPF instructions of 8 bytes each."""
    column = list(AUDIT_ARCH).index(machine)
    refuse = instruction(RETURN, ERRNO | errno.EPERM)
    allow = instruction(RETURN, ALLOW)
    code = [
        instruction(LOAD, ARCH),
        instruction(EQUAL, AUDIT_ARCH[machine], 1, 0),
        instruction(RETURN, KILL_PROCESS),
        instruction(LOAD, NUMBER),
        instruction(AT_LEAST, LAST_KNOWN + 1, 0, 1),
        instruction(RETURN, ERRNO | errno.ENOSYS),
    ]
    for calls, answer in ANSWERS:
        for numbers in calls.values():
            if numbers[column] >= 0:
                code += [
                    instruction(EQUAL, numbers[column], 0, 1),
                    instruction(RETURN, ERRNO | answer),
                ]
    for name, numbers in SIGNALS.items():
        code += [
            instruction(EQUAL, numbers[column], 0, 6),  # another call: skip this block
            instruction(LOAD, ARGUMENT),
            instruction(EQUAL, pid, 0, 3),
            instruction(LOAD, ARGUMENT + 8 * SIGNAL_ARGUMENT[name]),
            instruction(EQUAL, signal.SIGKILL, 1, 0),
            allow,
            refuse,
        ]
    for numbers in ON_ITSELF.values():
        code += [
            instruction(EQUAL, numbers[column], 0, 5),
            instruction(LOAD, ARGUMENT),
            instruction(EQUAL, 0, 1, 0),
            instruction(EQUAL, pid, 0, 1),
            allow,
            refuse,
        ]
    code += [
        instruction(EQUAL, CLONE[column], 0, 3),
        instruction(LOAD, ARGUMENT),
        instruction(BIT, CLONE_THREAD, 1, 0),
        refuse,
        allow,
    ]
    return b"".join(code)


def instruction(code: int, value: int, if_true: int = 0, if_false: int = 0) -> bytes:
    """Return one instruction; a jump gives the number of instructions to skip."""
    return struct.pack("=HBBI", code, if_true, if_false, value)
