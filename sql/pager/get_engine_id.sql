create or replace function pager.get_engine_id(
    p_run_id uuid,
    p_now_at timestamptz
)
returns text
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_run run.runs;
begin
    perform core.assert_that(num_nulls(p_run_id, p_now_at) = 0, 'MQA01', 'run_id, now_at');
    select r.* into v_run from run.runs as r where r.run_id = p_run_id;
    perform core.assert_that(found, 'MQN02', p_run_id::text);
    if v_run.clock_kind = 'SERVER' then
        perform core.assert_clock_is_near(p_now_at);
    end if;
    return v_run.engine_id;
end;
$function$;

comment on function pager.get_engine_id(uuid, timestamptz) is
$$The engine of a run, for a caller whose clock is right.
Why: it locks nothing. Whoever tells people what happened must never hold up a trade or a halt.
Raises: MQA01; MQN02; MQA03 the time is far from the server's clock.$$;
