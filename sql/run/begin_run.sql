create or replace function run.begin_run(
    p_run_id uuid,
    p_now_at timestamptz
)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_run run.runs;
begin
    v_run := run.lock_run(p_run_id, true, p_now_at);
    perform core.assert_that(
        a.boot_at = core.get_boot_at(), 'MQG10', core.format_iso(a.boot_at)),
            core.assert_that(
                run.clamp_now(p_run_id, p_now_at) <= a.armed_at + interval '15 minutes', 'MQG14',
                core.format_iso(a.armed_at)),
            core.assert_that(a.fingerprint = core.compute_fingerprint(), 'MQG12', a.fingerprint)
       from run.armings as a
      where a.run_id = p_run_id and a.history_seq = v_run.status_seq;
    perform run.move_run(p_run_id, 'RUNNING', 'begun', p_now_at);
    insert into run.heartbeats (run_id, worker_kind, worker_name, beat_at)
    select p_run_id, k.worker_kind, 'begin', run.clamp_now(p_run_id, p_now_at)
      from unnest(array['gateway', 'broker_events', 'snapshots']) as k (worker_kind)
    on conflict (run_id, worker_kind) do update
       set worker_name = excluded.worker_name, beat_at = excluded.beat_at;
    perform run.set_gate(
        p_run_id, 'DEADMAN', true, 'workers are alive', '{}',
        run.clamp_now(p_run_id, p_now_at) + v_run.deadman_ttl_ms * interval '1 ms', p_now_at);
end;
$function$;

comment on function run.begin_run(uuid, timestamptz) is
$$Begins an armed run; from now on each worker kind must show a sign of life within the deadman ttl.
Raises: MQS01 not armed; MQG10 the server was started since it was armed; MQG12 the
schema was changed since; MQG14 it was armed more than a quarter of an hour ago.$$;
