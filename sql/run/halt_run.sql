create or replace function run.halt_run(
    p_run_id    uuid,
    p_trip_kind text,
    p_reason    text,
    p_evidence  jsonb,
    p_now_at    timestamptz
)
returns boolean
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_run run.runs;
begin
    select r.* into v_run from run.runs as r where r.run_id = p_run_id for no key update;
    perform core.assert_that(found, 'MQN02', p_run_id::text);
    if v_run.run_status <> 'HALTED' then
        perform run.move_run(p_run_id, 'HALTED', p_reason, p_now_at);
        perform pg_notify('mqk_run', p_run_id::text);
    end if;
    insert into run.trips (
        run_id, trip_seq, trip_kind, halted_seq, reason, evidence, actor, tripped_at)
    select p_run_id,
           (select coalesce(max(t.trip_seq), 0) + 1 from run.trips as t where t.run_id = p_run_id),
           p_trip_kind, r.status_seq, left(p_reason, 500),
           coalesce(p_evidence, '{}') || jsonb_build_object('found', v_run.run_status), audit.get_actor(),
           run.clamp_now(p_run_id, p_now_at)
      from run.runs as r
     where r.run_id = p_run_id
    on conflict (run_id, halted_seq, trip_kind, reason) do nothing;
    if found then
        perform audit.append_event(
            p_run_id, 'RISK', 'TRIPPED',
            jsonb_build_object('trip_kind', p_trip_kind, 'reason', left(p_reason, 500),
                               'evidence', p_evidence), p_now_at);
    end if;
    return v_run.run_status <> 'HALTED';
end;
$function$;

comment on function run.halt_run(uuid, text, text, jsonb, timestamptz) is
$$Halts a run from wherever it stands and writes down which kill switch was pulled, with the numbers
that it saw; false when it was halted already: a new reason is kept all the same, once a halt.
Why: a halt needs nothing but the run: no gate, no clock, no owner. The one way to HALTED, so that no
halt is without its evidence.
Raises: MQN02 no such run; 23503 no such kill switch.$$;
