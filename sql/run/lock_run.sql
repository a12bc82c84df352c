create or replace function run.lock_run(
    p_run_id    uuid,
    p_may_brake boolean,
    p_now_at    timestamptz
)
returns run.runs
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_run run.runs;
begin
    if num_nulls(p_run_id, p_now_at) > 0 then
        perform core.raise_error('MQA01', 'run_id, now_at');
    elsif p_may_brake then
        select r.* into v_run from run.runs as r where r.run_id = p_run_id for no key update;
    else
        select r.* into v_run from run.runs as r where r.run_id = p_run_id for share;
    end if;
    if not found then
        perform core.raise_error('MQN02', p_run_id::text);
    elsif v_run.clock_kind = 'SERVER' then
        perform core.assert_clock_is_near(p_now_at);
    end if;
    return v_run;
end;
$function$;

comment on function run.lock_run(uuid, boolean, timestamptz) is
$$Takes the lock of a run first of all locks and gives its row: shared for a worker that only trades,
exclusive (p_may_brake) for one that may halt it.
Why: one lock order, so that a halt and a dispatch can never both win; and no wrong clock gets in.
Raises: MQA01; MQN02 no such run; MQA03 the time is far from the server's clock.$$;
