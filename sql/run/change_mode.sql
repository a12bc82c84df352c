create or replace function run.change_mode(
    p_args   jsonb,
    p_now_at timestamptz
)
returns text
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_engine_id text := p_args ->> 'engine_id';
    v_to        text := p_args ->> 'mode';
    v_mode      text;
    v_active    text;
begin
    select e.mode into v_mode
      from run.engines as e
     where e.engine_id = v_engine_id and run.is_in_scope(session_user, v_engine_id)
       for no key update;
    perform core.assert_that(found, 'MQN10', v_engine_id);
    perform core.assert_that(
        v_to in ('PAPER', 'SHADOW', 'LIVE'), 'MQA02', format('mode %s', coalesce(v_to, 'null')));
    if v_mode = v_to then
        return 'same mode: ' || v_to;
    end if;
    select string_agg(format('%s is %s in %s', r.run_id, r.run_status, r.mode), '; ') into v_active
      from run.runs as r
     where r.engine_id = v_engine_id and r.active_mode is not null;
    perform core.assert_that(v_active is null, 'MQS12', v_active);
    update run.engines as e set mode = v_to where e.engine_id = v_engine_id;
    perform audit.append_event(
        audit.open_engine_chain(v_engine_id, p_now_at), 'RUNTIME', 'MODE_CHANGED',
        jsonb_build_object('from', v_mode, 'to', v_to, 'reason', p_args ->> 'reason'), p_now_at);
    return format('%s to %s', v_mode, v_to);
end;
$function$;

comment on function run.change_mode(jsonb, timestamptz) is
$$Lets the runs of an engine be active in another mode from now on; gives what became of it.
p_args: {engine_id, mode, reason}.
Why: an engine trades in one mode at a time, and only a person decides which.
Raises: MQN10 no such engine; MQA02 no such mode; MQS12 a run of the engine is active.$$;
