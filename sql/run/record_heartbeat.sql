create or replace function run.record_heartbeat(
    p_run_id           uuid,
    p_worker_kind      text,
    p_worker_name      text,
    p_has_deadman_file boolean,
    p_now_at           timestamptz
)
returns text
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_run    run.runs;
    v_now_at timestamptz;
    v_oldest timestamptz;
    v_shut   text;
begin
    v_run := run.lock_run(p_run_id, true, p_now_at);
    v_now_at := run.clamp_now(p_run_id, p_now_at);
    if v_run.run_status in ('ARMED', 'RUNNING') and p_worker_kind = 'gateway'
       and v_run.needs_deadman_file and p_has_deadman_file is not true
    then
        perform run.set_gate(
            p_run_id, 'DEADMAN', false, 'the deadman file is not on the gateway''s machine',
            jsonb_build_object('worker_name', p_worker_name), v_now_at, p_now_at);
        return 'HALTED';
    elsif v_run.run_status <> 'RUNNING' then
        return v_run.run_status;
    end if;
    select s.reason into v_shut
      from run.list_shut_gates(p_run_id, array['DEADMAN'], p_now_at) as s;
    if found then
        perform run.set_gate(
            p_run_id, 'DEADMAN', false, 'a heartbeat came too late: ' || v_shut,
            jsonb_build_object('worker_kind', p_worker_kind), v_now_at, p_now_at);
        return 'HALTED';
    end if;
    insert into run.heartbeats (run_id, worker_kind, worker_name, beat_at)
    values (p_run_id, p_worker_kind, p_worker_name, v_now_at)
    on conflict (run_id, worker_kind) do update
       set worker_name = excluded.worker_name,
           beat_at = greatest(heartbeats.beat_at, excluded.beat_at);
    select min(h.beat_at) into v_oldest from run.heartbeats as h where h.run_id = p_run_id;
    perform run.set_gate(
        p_run_id, 'DEADMAN', true, 'workers are alive', '{}',
        v_oldest + v_run.deadman_ttl_ms * interval '1 ms', p_now_at);
    return 'RUNNING';
end;
$function$;

comment on function run.record_heartbeat(uuid, text, text, boolean, timestamptz) is
$$A worker kind's sign of life; gives the run's status. The gate stays open for the deadman ttl after
the oldest of the kinds' last beats.
p_has_deadman_file: whether the worker sees the engine's deadman file; without it the gateway's beat
halts an armed run that needs one.
Why: an expired deadman cannot be healed by a late beat: the beat halts the run instead.
Raises: MQN02; MQA03; 23514 unknown worker kind.$$;
