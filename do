#!/bin/sh
# The one entry point: installs what is missing (Debian 12), configures, builds, runs.
set -eu
cd "$(dirname "$0")"

# Objects are the same in every checkout: a second clone on one machine finds those of the first.
export CCACHE_BASEDIR="$PWD" CCACHE_NOHASHDIR=1

build_packages="g++ cmake ninja-build lld ccache pkg-config libboost1.81-dev libboost-url1.81-dev libboost-json1.81-dev
    librocksdb-dev libssl-dev libc-ares-dev libcli11-dev libtomlplusplus-dev libspdlog-dev libfmt-dev
    prometheus-cpp-dev zlib1g-dev libgtest-dev libgmock-dev libbenchmark-dev
    ca-certificates"
test_packages="nginx-light curl apt-utils dpkg-dev chromium python3-libtorrent"
bench_packages="nginx-light wrk gnuplot-nox"
check_packages="clang llvm clang-format clang-tidy libclang-rt-14-dev git"

usage() {
    cat <<'EOF'
./do demo [options]     five peers, one slow origin, a crowd: how much the origin is spared
                        (--kill-one, --block-index, --keep, --seconds N, --peers N; --help lists all)
./do run [options]      build, then `atoll run`: a peer on this machine (http://127.0.0.1:3128)
./do test [preset]      build and run all tests; preset is release (default), dev, asan or tsan
./do format             formatting only
./do sanitized          parsers, decisions, settings and the index under ASan and UBSan
./do coverage           which branches of parser, serializer, key, storability, sharing and egress the tests take
./do threads            the part of the tests that has threads, under ThreadSanitizer
./do lint [folder...]   formatting, headers that stand alone, clang-tidy (of all, or of these folders)
./do fuzz [seconds]     every fuzz target for some seconds (default 20), from its corpus
./do bench [name]       proxy (beside nginx, the default), lookup, comparison (beside Kademlia and Chord), store, crowd,
                        http1, flood
./do campaign NAME      long proofs: kills, torture, mixed, reef, sim, fuzz,
                        soak, big
./do build [preset]     only build
EOF
}

# install PACKAGES: what is missing, as root or through sudo.
install() {
    missing=""
    for package in $1; do
        case "$(dpkg-query -W -f='${Status}' "$package" 2>/dev/null)" in
            *"ok installed") ;;
            *) missing="$missing $package" ;;
        esac
    done
    [ -z "$missing" ] && return 0
    echo "do: installing$missing"
    as_root=""
    if [ "$(id -u)" != 0 ]; then
        as_root="sudo"
        command -v sudo >/dev/null || { echo "do: run as root once, or install sudo and these packages:$missing" >&2; exit 1; }
    fi
    log="${TMPDIR:-/tmp}/atoll-install.$$"
    # shellcheck disable=SC2086
    if ! { $as_root apt-get update -qq &&
           $as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing; } >"$log" 2>&1
    then
        tail -n 20 "$log" >&2
        echo "do: the installation failed; the whole log is $log" >&2
        exit 1
    fi
    rm -f "$log"
}

# build PRESET [TARGET...]
build() {
    preset=$1
    shift
    install "$build_packages"
    if [ "$preset" = tsan ] || [ "$preset" = fuzz ]; then
        install "$check_packages"
    fi
    if [ ! -f "build/$preset/build.ninja" ]; then
        cmake --preset "$preset" >"/tmp/atoll-configure.$$" 2>&1 || { cat "/tmp/atoll-configure.$$" >&2; exit 1; }
        rm -f "/tmp/atoll-configure.$$"
    fi
    ninja -C "build/$preset" "$@" >"build/$preset/build.log" 2>&1 || { tail -n 60 "build/$preset/build.log" >&2; exit 1; }
    echo "do: built $preset"
}

sanitizer_options() {
    # One test preloads a library into peers, which then comes before the runtime.
    export ASAN_OPTIONS="detect_stack_use_after_return=1:strict_string_checks=1:verify_asan_link_order=0"
    export UBSAN_OPTIONS="print_stacktrace=1"
    # Debian builds its libraries without instrumentation: what they do between themselves is invisible.
    export TSAN_OPTIONS="second_deadlock_stack=1:ignore_noninstrumented_modules=1:suppressions=$PWD/tests/tsan_suppressions.txt"
}

run_tests() {
    preset=$1
    shift
    install "$test_packages"
    build "$preset"
    sanitizer_options
    ctest --test-dir "build/$preset" --output-on-failure --no-tests=error "$@"
}

# Parsers, decisions, settings and the index under AddressSanitizer and UBSan. `do test asan` runs everything.
sanitized() {
    build asan test_unit_dht test_unit_http1 test_unit_proxy test_unit_config
    sanitizer_options
    ctest --test-dir build/asan --output-on-failure --no-tests=error \
        -R '^unit/(dht|http1|proxy|config)/[A-Z]'
}

# The branches that the unit tests take of the code that must be right at each of them: parser, serializer, key,
# storability, sharing, egress.
coverage() {
    install "$check_packages"
    build coverage test_unit_http1 test_unit_cache test_unit_proxy
    profiles=build/coverage/profiles
    rm -rf "$profiles"
    for program in test_unit_http1 test_unit_cache test_unit_proxy; do
        LLVM_PROFILE_FILE="$profiles/$program" "build/coverage/tests/$program" --gtest_brief=1 \
            --gtest_filter="-*DeathTest*:*Rocksdb*" >/dev/null
    done
    llvm-profdata-14 merge -o "$profiles/all" "$profiles"/test_*
    printf '%-36s %9s %7s %8s\n' file branches missed taken
    llvm-cov-14 report -show-branch-summary -show-region-summary=0 -instr-profile="$profiles/all" \
        build/coverage/tests/test_unit_http1 -object build/coverage/tests/test_unit_cache \
        -object build/coverage/tests/test_unit_proxy 2>/dev/null |
        awk '$1 ~ /^(proxy\/http1\/|cache\/policy\/(cache_key|storability|sharing)\.|proxy\/core\/egress\.)/ {
                printf "%-36s %9d %7d %8s\n", $1, $8, $9, $10; all += $8; missed += $9 }
            END { printf "%-36s %9d %7d %7.2f%%\n", "all", all, missed, 100 * (all - missed) / all; exit missed != 0 }'
}

# The part of the tests that has threads, under ThreadSanitizer: real peers, components on sockets, the store and the
# memory tier, the index's transport. `do test tsan` runs everything.
threads() {
    install "$test_packages"
    build tsan atoll test_wire test_wire_process test_unit_dht test_unit_cache test_unit_admin
    sanitizer_options
    ctest --test-dir build/tsan --output-on-failure --no-tests=error \
        -R '^(wire|wire/process|unit/(dht|cache|admin))/[A-Z]'
}

format() {
    install "$check_packages"
    # shellcheck disable=SC2046
    clang-format --dry-run --Werror $(git ls-files '*.cpp' '*.hpp')
    echo "do: formatting is right"
}

# Lines "source included...": what of ours each source includes, directly or not.
own_includes() {
    git ls-files '*.hpp' '*.cpp' | xargs awk '
        function visit(file,    list, count, i) {
            if (file in seen) return
            seen[file] = 1
            out = out " " file
            count = split(includes[file], list, " ")
            for (i = 1; i <= count; ++i) visit(list[i])
        }
        /^#include "/ { split($0, part, "\""); includes[FILENAME] = includes[FILENAME] " " part[2] }
        FNR == 1 && FILENAME ~ /cpp$/ && FILENAME !~ /^tests\/fuzz\// { sources[++number] = FILENAME }
        END {
            for (n = 1; n <= number; ++n) { split("", seen); out = ""; visit(sources[n]); print out }
        }'
}

# clang-tidy, one per core, over what the compiler was given. What it had nothing to say about is not asked again: a
# stamp names the octets of a source and of all it includes of ours, the settings and the version.
tidy() {
    # It reads the precompiled header that the compile commands of proxy/net name.
    build tsan proxy/CMakeFiles/atoll_proxy_net.dir/cmake_pch.hxx.pch
    stamps=${XDG_CACHE_HOME:-$HOME/.cache}/atoll-tidy
    mkdir -p "$stamps"
    settings=$( { clang-tidy --version; cat .clang-tidy CMakeLists.txt; } | sha256sum)
    folders=$(echo "${*:-bench cache dht proxy tests}" | tr ' ' '|')
    own_includes | grep -E "^ ($folders)/" | while read -r source included; do
        # shellcheck disable=SC2086
        stamp=$( { echo "$settings"; cat "$source" $included; } | sha256sum | cut -d' ' -f1)
        [ -e "$stamps/$stamp" ] || echo "$source $stamps/$stamp"
    done >build/tidy.list
    echo "do: clang-tidy reads $(wc -l <build/tidy.list) sources; the others are as they were"
    # shellcheck disable=SC2016
    xargs -P "$(nproc)" -L 1 sh -c 'clang-tidy --quiet -p build/tsan "$0" 2>/dev/null && : >"$1"' <build/tidy.list ||
        { echo "do: clang-tidy found the above" >&2; exit 1; }
    echo "do: clang-tidy has nothing to say"
}

lint() {
    install "$build_packages $check_packages"
    format
    build tsan header_check
    echo "do: every header compiles alone"
    tidy "$@"
}

fuzz() {
    seconds=${1:-20}
    build fuzz fuzz_targets
    for target in build/fuzz/tests/fuzz_*; do
        [ -x "$target" ] || continue
        name=${target##*/fuzz_}
        grown=build/fuzz/corpus/$name
        mkdir -p "$grown"
        echo "do: fuzzing $name for $seconds s"
        "$target" -max_total_time="$seconds" -rss_limit_mb=2048 -timeout=5 -print_final_stats=1 \
            "$grown" "tests/fuzz/corpus/$name" >"build/fuzz/$name.log" 2>&1 ||
            { tail -n 30 "build/fuzz/$name.log" >&2; exit 1; }
        grep -E 'number_of_executed_units|average_exec' "build/fuzz/$name.log"
    done
}

bench() {
    install "$bench_packages"
    build release
    name=${1:-proxy}
    [ $# -gt 0 ] && shift
    case "$name" in
        proxy | lookup | store | http1 | flood) exec "build/release/bench/${name}_bench" "$@" ;;
        comparison)
            build/release/bench/comparison_bench --csv bench/pictures "$@"
            gnuplot -c bench/comparison.gnuplot bench/pictures
            echo "do: the pictures are in bench/pictures"
            ;;
        crowd) exec build/release/bench/flash_crowd_bench --atoll build/release/atoll "$@" ;;
        *) echo "do: no bench is called '$name': proxy, lookup, comparison, store, crowd, http1" >&2; exit 2 ;;
    esac
}

# Long forms of tests that `do test` runs in under a minute.
campaign() {
    install "$build_packages $test_packages"
    name=${1:-}
    [ $# -gt 0 ] && shift
    case "$name" in
        kills)
            build release
            ATOLL_KILLS=${1:-200} build/release/tests/test_wire_process --gtest_filter='KillTest.*'
            ATOLL_KILLS=${1:-200} build/release/tests/test_wire_store --gtest_filter='StoreCrashTest.*' ;;
        torture)
            build release atoll test_wire_process
            ATOLL_TORTURE_STRIDE=${1:-1} build/release/tests/test_wire_process --gtest_filter='TortureTest.*' ;;
        mixed)
            build release atoll test_wire_process
            ATOLL_MIXED_UP_RESPONSES=${1:-10000000} \
                build/release/tests/test_wire_process --gtest_filter='MixedUpTest.*' ;;
        big)
            build release
            ATOLL_LARGE_OCTETS=$((${1:-1024} * 1048576)) \
                build/release/tests/test_wire_process --gtest_filter='LargeBodyTest.*' ;;
        reef)
            build release atoll test_wire_process
            ATOLL_REEF_SECONDS=${1:-300} build/release/tests/test_wire_process --gtest_filter='LossyReefTest.*' ;;
        sim)
            build release test_sim lookup_bench
            ATOLL_SIM_SEEDS=${1:-20} build/release/tests/test_sim
            build/release/bench/lookup_bench --only scale --nodes 10000 ;;
        fuzz)
            fuzz "${1:-600}" ;;
        soak)
            build release atoll flash_crowd_bench
            exec build/release/bench/flash_crowd_bench --atoll build/release/atoll --only-cooperating \
                --seconds "${1:-3600}" --uplink 8000000 ;;
        *)
            echo "do: no campaign is called '$name': kills [N], torture, mixed [RESPONSES], reef [SECONDS], sim [SEEDS], fuzz [SECONDS], soak [SECONDS], big [MiB]" >&2; exit 2 ;;
    esac
}

command=${1:-help}
[ $# -gt 0 ] && shift
case "$command" in
    demo) build release atoll flash_crowd_bench
        exec build/release/bench/flash_crowd_bench --atoll build/release/atoll "$@" ;;
    run) build release atoll; exec build/release/atoll run "$@" ;;
    test) preset=${1:-release}; [ $# -gt 0 ] && shift; run_tests "$preset" "$@" ;;
    build) build "${1:-release}" ;;
    lint) lint "$@" ;;
    format) format ;;
    sanitized) sanitized ;;
    coverage) coverage ;;
    threads) threads ;;
    fuzz) fuzz "$@" ;;
    bench) bench "$@" ;;
    campaign) campaign "$@" ;;
    help | --help | -h) usage ;;
    *) usage >&2; exit 2 ;;
esac
