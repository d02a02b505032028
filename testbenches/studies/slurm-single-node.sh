#!/usr/bin/env bash
# A Slurm of one node, this machine, for trying job arrays out: see usage.
set -euo pipefail

usage() {
  cat <<'TEXT'
usage: slurm-single-node.sh start|stop|status|conf

Runs munged, slurmctld and slurmd on this machine, without systemd, cgroups or accounting. As root on Debian 12;
installs slurm-wlm and munge where they are missing. Configuration, key, state and logs lie in one folder,
/run/basil-slurm or $BASIL_SLURM_DIR, so that a configuration in /etc stays as it is; its ports are Slurm's own,
6817 and 6818.

  start    ends when the node takes jobs; a second start changes nothing
  status   what sinfo says of the node
  conf     the name of the configuration, for SLURM_CONF
  stop     cancels root's jobs, ends the three daemons and removes the folder

example:
  slurm-single-node.sh start
  export SLURM_CONF="$(slurm-single-node.sh conf)"
  sbatch --array=1-2 slurm-array.sh study.yaml
  slurm-single-node.sh stop
TEXT
}

folder="${BASIL_SLURM_DIR:-/run/basil-slurm}"
export SLURM_CONF="$folder/slurm.conf"

fail() {
  echo "slurm-single-node.sh: $1" >&2
  exit "${2:-1}"
}

install_packages() {
  local missing=() package
  for package in slurm-wlm munge; do
    [[ "$(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null)" == installed ]] || missing+=("$package")
  done
  ((${#missing[@]})) || return 0
  echo "Installing ${missing[*]}"
  export DEBIAN_FRONTEND=noninteractive
  apt-get update -qq
  apt-get install -y -qq --no-install-recommends -o DPkg::Lock::Timeout=120 "${missing[@]}" >/dev/null
}

# CPUs are what the jobs share; the memory of a point is the study's to limit.
write_configuration() {
  local node
  node="$(hostname -s)"
  mkdir -p "$folder"/{munge,state,spool}
  chmod 755 "$folder" "$folder/munge"
  cat >"$SLURM_CONF" <<TEXT
ClusterName=basil
SlurmctldHost=$node(127.0.0.1)
SlurmUser=root
AuthType=auth/munge
AuthInfo=socket=$folder/munge/socket
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
SchedulerParameters=batch_sched_delay=1,sched_interval=2
SlurmdParameters=config_overrides
MpiDefault=none
ReturnToService=2
StateSaveLocation=$folder/state
SlurmdSpoolDir=$folder/spool
SlurmctldPidFile=$folder/slurmctld.pid
SlurmdPidFile=$folder/slurmd.pid
SlurmctldLogFile=$folder/slurmctld.log
SlurmdLogFile=$folder/slurmd.log
NodeName=$node NodeAddr=127.0.0.1 CPUs=$(nproc) State=UNKNOWN
PartitionName=all Nodes=$node Default=YES MaxTime=INFINITE State=UP
TEXT
}

start_munged() {
  local munge="$folder/munge"
  mungekey --create --keyfile="$munge/key"
  chown -R munge: "$munge"
  runuser -u munge -- munged --socket="$munge/socket" --key-file="$munge/key" --pid-file="$munge/pid" \
    --seed-file="$munge/seed" --log-file="$munge/log"
}

node_takes_jobs() { [[ "$(sinfo --noheader --format=%T 2>/dev/null)" =~ ^(idle|mixed|allocated)$ ]]; }

start() {
  ((EUID == 0)) || fail "start needs root" 2
  install_packages
  if node_takes_jobs; then return 0; fi
  [[ ! -e "$folder" ]] || fail "$folder is there, but its node takes no jobs: see $folder/*.log, then stop"
  write_configuration
  start_munged
  slurmctld
  slurmd
  for _ in {1..100}; do
    if node_takes_jobs; then return 0; fi
    sleep 0.1
  done
  tail -n 3 "$folder"/*.log >&2
  fail "the node takes no jobs after 10 s"
}

# Ends the process of a pid file, and waits until it is gone.
end_daemon() {
  local pid
  pid="$(cat "$1" 2>/dev/null)" || return 0
  kill "$pid" 2>/dev/null || return 0
  for _ in {1..100}; do
    if ! kill -0 "$pid" 2>/dev/null; then return 0; fi
    sleep 0.1
  done
  fail "process $pid of $1 does not end"
}

stop() {
  [[ -e "$folder" ]] || return 0
  scancel --quiet --user=root 2>/dev/null || true
  for daemon in slurmd.pid slurmctld.pid munge/pid; do end_daemon "$folder/$daemon"; done
  rm -rf "$folder"
}

case "${1:-}" in
  start) start && sinfo ;;
  stop) stop ;;
  status) sinfo ;;
  conf) echo "$SLURM_CONF" ;;
  --help | -h) usage ;;
  *) fail "found '${1:-}', expected start, stop, status, conf or --help" 2 ;;
esac
