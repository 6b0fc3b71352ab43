"""The system calls that student code may make, and what the others are answered.

What is not listed here is refused, so a call that nobody thought of is too. The numbers are those
of x86_64 and aarch64; -1: the machine does not have the call.

`make calls` records which calls the honest tests make, and how; a test holds these tables against
what it recorded.
"""

import errno
from dataclasses import dataclass

Numbers = tuple[int, int]

AUDIT_ARCH = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
LAST_KNOWN = 450  # above are newer calls, which nobody has reviewed, and x32's on x86_64
ANY = 0xFFFFFFFF
ITSELF = -1  # stands for the process id of the student process

PERMITTED = {
    # memory
    "brk": (12, 214),
    "munmap": (11, 215),
    "mprotect": (10, 226),
    "mremap": (25, 216),
    "madvise": (28, 233),
    "msync": (26, 227),
    # threads and processors
    "futex": (202, 98),
    "set_robust_list": (273, 99),
    "get_robust_list": (274, 100),
    "rseq": (334, 293),
    "set_tid_address": (218, 96),
    "gettid": (186, 178),
    "sched_yield": (24, 124),
    "sched_getaffinity": (204, 123),
    "sched_getparam": (143, 121),
    "sched_getscheduler": (145, 120),
    "sched_get_priority_max": (146, 125),
    "sched_get_priority_min": (147, 126),
    "getcpu": (309, 168),
    "membarrier": (324, 283),
    "get_mempolicy": (239, 236),
    "mbind": (237, 235),
    # files
    "read": (0, 63),
    "write": (1, 64),
    "readv": (19, 65),
    "writev": (20, 66),
    "pread64": (17, 67),
    "pwrite64": (18, 68),
    "preadv": (295, 69),
    "pwritev": (296, 70),
    "preadv2": (327, 286),
    "pwritev2": (328, 287),
    "lseek": (8, 62),
    "close": (3, 57),
    "open": (2, -1),
    "openat": (257, 56),
    "creat": (85, -1),
    "dup": (32, 23),
    "dup2": (33, -1),
    "dup3": (292, 24),
    "pipe": (22, -1),
    "pipe2": (293, 59),
    "stat": (4, -1),
    "fstat": (5, 80),
    "lstat": (6, -1),
    "newfstatat": (262, 79),
    "statx": (332, 291),
    "statfs": (137, 43),
    "fstatfs": (138, 44),
    "access": (21, -1),
    "faccessat": (269, 48),
    "faccessat2": (439, 439),
    "readlink": (89, -1),
    "readlinkat": (267, 78),
    "getdents": (78, -1),
    "getdents64": (217, 61),
    "getcwd": (79, 17),
    "chdir": (80, 49),
    "fchdir": (81, 50),
    "umask": (95, 166),
    "mkdir": (83, -1),
    "mkdirat": (258, 34),
    "rmdir": (84, -1),
    "unlink": (87, -1),
    "unlinkat": (263, 35),
    "rename": (82, -1),
    "renameat": (264, 38),
    "renameat2": (316, 276),
    "link": (86, -1),
    "linkat": (265, 37),
    "symlink": (88, -1),
    "symlinkat": (266, 36),
    "ftruncate": (77, 46),
    "fadvise64": (221, 223),
    "sendfile": (40, 71),
    "copy_file_range": (326, 285),
    # events
    "select": (23, -1),
    "pselect6": (270, 72),
    "poll": (7, -1),
    "ppoll": (271, 73),
    "epoll_create": (213, -1),
    "epoll_create1": (291, 20),
    "epoll_ctl": (233, 21),
    "epoll_wait": (232, -1),
    "epoll_pwait": (281, 22),
    "epoll_pwait2": (441, 441),
    "eventfd": (284, -1),
    "eventfd2": (290, 19),
    # socket pairs
    "sendto": (44, 206),
    "recvfrom": (45, 207),
    "shutdown": (48, 210),
    "getsockopt": (55, 209),
    "getsockname": (51, 204),
    "getpeername": (52, 205),
    # time
    "clock_gettime": (228, 113),
    "clock_getres": (229, 114),
    "clock_nanosleep": (230, 115),
    "nanosleep": (35, 101),
    "gettimeofday": (96, 169),
    "time": (201, -1),
    "times": (100, 153),
    "alarm": (37, -1),
    "setitimer": (38, 103),
    "getitimer": (36, 102),
    "pause": (34, -1),
    # signals of its own
    "rt_sigaction": (13, 134),
    "rt_sigprocmask": (14, 135),
    "rt_sigpending": (127, 136),
    "rt_sigreturn": (15, 139),
    "rt_sigsuspend": (130, 133),
    "rt_sigtimedwait": (128, 137),
    "sigaltstack": (131, 132),
    "restart_syscall": (219, 128),
    # itself and the machine
    "getpid": (39, 172),
    "getppid": (110, 173),
    "getpgrp": (111, -1),
    "getpgid": (121, 155),
    "getsid": (124, 156),
    "getuid": (102, 174),
    "geteuid": (107, 175),
    "getgid": (104, 176),
    "getegid": (108, 177),
    "getresuid": (118, 148),
    "getresgid": (120, 150),
    "getgroups": (115, 158),
    "getpriority": (140, 141),
    "getrlimit": (97, 163),
    "getrusage": (98, 165),
    "uname": (63, 160),
    "sysinfo": (99, 179),
    "getrandom": (318, 278),
    "capget": (125, 90),
    "wait4": (61, 260),
    "waitid": (247, 95),
    "exit": (60, 93),
    "exit_group": (231, 94),
}
NOT_IMPLEMENTED = {  # libraries try these and do without
    "clone3": (435, 435),
    "close_range": (436, 436),
    "io_uring_setup": (425, 425),
    "io_uring_enter": (426, 426),
    "io_uring_register": (427, 427),
    "userfaultfd": (323, 282),
    "memfd_create": (319, 279),
    "memfd_secret": (447, 447),
}
NOT_SUPPORTED = {  # `shutil.copy2` and `posix_fallocate` do without
    "fallocate": (285, 47),
    "setxattr": (188, 5),
    "lsetxattr": (189, 6),
    "fsetxattr": (190, 7),
    "getxattr": (191, 8),
    "lgetxattr": (192, 9),
    "fgetxattr": (193, 10),
    "listxattr": (194, 11),
    "llistxattr": (195, 12),
    "flistxattr": (196, 13),
    "removexattr": (197, 14),
    "lremovexattr": (198, 15),
    "fremovexattr": (199, 16),
}
PRETENDED = {  # nothing needs the effect in a scratch folder; libraries need the success
    "chmod": (90, -1),
    "fchmod": (91, 52),
    "fchmodat": (268, 53),
    "utime": (132, -1),
    "utimes": (235, -1),
    "futimesat": (261, -1),
    "utimensat": (280, 88),
    "flock": (73, 32),
    "fsync": (74, 82),
    "fdatasync": (75, 83),
}
ANSWERS = (
    (NOT_IMPLEMENTED, errno.ENOSYS),
    (NOT_SUPPORTED, errno.ENOTSUP),
    (PRETENDED, 0),
)


@dataclass(frozen=True)
class Check:
    """What an argument of a call must be.

    Args:
        argument: its position, from 0; its lower 32 bits are compared.
        values: what it may be or, if `refused`, must not be.
        answer: the error number if it is not so; 0 pretends success.
        mask: the bits that count.
        upper: compare the upper 32 bits instead.
    """

    argument: int
    values: tuple[int, ...]
    answer: int = errno.EPERM
    mask: int = ANY
    refused: bool = False
    upper: bool = False


# Commands of `fcntl`: duplicate, flags, and what a lock is; locks of files are pretended.
F_DUPFD, F_GETFD, F_SETFD, F_GETFL, F_SETFL, F_GETLK, F_DUPFD_CLOEXEC = (*range(6), 1030)
F_SETLK, F_SETLKW, F_OFD_SETLK, F_OFD_SETLKW = 6, 7, 37, 38
TCGETS, TIOCGWINSZ, FIONREAD, FIONBIO = 0x5401, 0x5413, 0x541B, 0x5421
FIONCLEX, FIOCLEX = 0x5450, 0x5451
PR_SET_PDEATHSIG, PR_GET_DUMPABLE, PR_SET_NAME, PR_GET_NAME, PR_SET_VMA = 1, 3, 15, 16, 0x53564D41
AF_UNIX, SOCK_STREAM, SOCK_TYPE_MASK = 1, 1, 0xF
CLONE_THREAD = 0x00010F00  # with the memory, files, folder and signal handlers of the process
CLONE_NEW = 0x7E020000  # namespaces
SIGKILL = 9
MAP_SHARED, MAP_ANONYMOUS, MAP_HUGETLB = 0x01, 0x20, 0x40000
SHARED_MEMORY = MAP_SHARED | MAP_ANONYMOUS

CHECKED: dict[str, tuple[Numbers, tuple[Check, ...]]] = {
    # Parts of shared memory that are unmapped stay in memory with the rest, and are not counted.
    # Huge pages come from a pool of the machine.
    "mmap": (
        (9, 222),
        (
            Check(3, (SHARED_MEMORY,), mask=SHARED_MEMORY, refused=True),
            Check(3, (MAP_HUGETLB,), mask=MAP_HUGETLB, refused=True),
        ),
    ),
    "clone": ((56, 220), (Check(0, (CLONE_THREAD,), mask=CLONE_THREAD | CLONE_NEW),)),
    "fcntl": (
        (72, 25),
        (
            Check(1, (F_SETLK, F_SETLKW, F_OFD_SETLK, F_OFD_SETLKW), answer=0, refused=True),
            Check(1, (F_DUPFD, F_GETFD, F_SETFD, F_GETFL, F_SETFL, F_GETLK, F_DUPFD_CLOEXEC)),
        ),
    ),
    "ioctl": (
        (16, 29),
        (Check(1, (TCGETS, TIOCGWINSZ, FIONREAD, FIONBIO, FIONCLEX, FIOCLEX), errno.ENOTTY),),
    ),
    "prctl": (
        (157, 167),
        (
            Check(0, (PR_SET_PDEATHSIG,), answer=0, refused=True),  # it ends with its parent
            Check(0, (PR_GET_DUMPABLE, PR_SET_NAME, PR_GET_NAME, PR_SET_VMA)),
        ),
    ),
    # A datagram socket reaches every other one on the machine by its path.
    "socketpair": (
        (53, 199),
        (Check(0, (AF_UNIX,)), Check(1, (SOCK_STREAM,), mask=SOCK_TYPE_MASK)),
    ),
    # Not SIGKILL, which so always means a kill from outside.
    "kill": ((62, 129), (Check(0, (ITSELF,)), Check(1, (SIGKILL,), refused=True))),
    "tgkill": ((234, 131), (Check(0, (ITSELF,)), Check(2, (SIGKILL,), refused=True))),
    # Limits may be read; a lower one of processor time would end in SIGKILL.
    "prlimit64": (
        (302, 261),
        (
            Check(0, (ITSELF, 0)),
            Check(2, (0,), answer=0),
            Check(2, (0,), answer=0, upper=True),
        ),
    ),
}
