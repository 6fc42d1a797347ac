# Ends what an AppHost leaves behind, however it ends: started first, in a session of its own, it reads from the AppHost
#   process PID STAGE SIGNAL    a child; stage 1 are services, stage 2 the servers that keep their data
#   remove PATH                 a directory or file that must not outlive the run
# and acts when that pipe closes. Children also carry LOCALASPIRE_RUN=RUN:STAGE in their environment, by which those
# are found that were started in the last instant, or by the servers themselves. A process is known by its start time
# as well: its id may belong to somebody else by then. Only positive process ids are ever signalled, one at a time.
run=$1 grace=$2
processes='' paths='' told=' '
trap '' HUP INT QUIT TERM

started() {
    if [ -d /proc/self ]; then
        set -- $(sed 's/.*) //' "/proc/$1/stat" 2>/dev/null)
        [ "$1" = Z ] || echo "${20}"
    else
        ps -o lstart= -p "$1" 2>/dev/null | tr -s ' ' _
    fi
}

marked() {
    if [ -d /proc/self ]; then
        grep -lzxs "LOCALASPIRE_RUN=$run:$1" /proc/[0-9]*/environ | cut -d/ -f3
    else
        ps -axEww -o pid= -o command= | grep "LOCALASPIRE_RUN=$run:$1\( \|\$\)" | grep -v grep | awk '{ print $1 }'
    fi
}

alive() {
    printf '%s\n' "$processes" | while read -r pid stage signal start; do
        [ "$stage" = "$1" ] && [ "$(started "$pid")" = "$start" ] && echo "$pid $signal"
    done
    marked "$1" | while read -r pid; do
        case "$processes" in *"
$pid "*) ;; *) echo "$pid TERM" ;; esac
    done
}

# end STAGE SECONDS: asks once, waits, then insists (QUIT first: it lets Postgres close without damage)
end() {
    tenths=$(($2 * 10))
    while living=$(alive "$1") && [ -n "$living" ] && [ "$tenths" -gt -60 ]; do
        while read -r pid signal; do
            [ "$tenths" -gt 0 ] || signal=QUIT
            [ "$tenths" -gt -50 ] || signal=KILL
            case "$told" in *" $pid:$signal "*) ;; *) kill -s "$signal" "$pid" 2>/dev/null; told="$told$pid:$signal " ;; esac
        done <<LIVING
$living
LIVING
        sleep 0.1
        tenths=$((tenths - 1))
    done
}

while read -r verb what stage signal; do
    case $verb in
        process)
            start=$(started "$what")
            [ -z "$start" ] || processes="$processes
$what $stage $signal $start" ;;
        remove) paths="$paths
$what${stage:+ $stage}${signal:+ $signal}" ;;
    esac
done

end 1 "$grace"
end 2 60
printf '%s\n' "$paths" | while IFS= read -r path; do
    case $path in /?*) rm -rf "$path" ;; esac
done
