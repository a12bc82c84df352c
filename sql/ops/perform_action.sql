create or replace function ops.perform_action(
    p_action text,
    p_run_id uuid,
    p_args   jsonb,
    p_now_at timestamptz
)
returns table (
    outcome    text,
    run_id     uuid,
    run_status text,
    error_code text,
    law        text,
    detail     text,
    fix        text
)
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_run run.runs;
begin
    outcome := 'DONE';
    run_id := p_run_id;
    detail := '';
    begin
        select a.run_id, a.detail into perform_action.run_id, perform_action.detail
          from ops.act(p_action, p_run_id, p_args, p_now_at) as a;
    exception when others then
        get stacked diagnostics error_code = returned_sqlstate, law = message_text,
                                detail = pg_exception_detail;
        if error_code !~ '^MQ[ANSG]' then
            raise;
        end if;
        outcome := 'REFUSED';
    end;
    select r.* into v_run from run.runs as r where r.run_id = perform_action.run_id;
    run_status := v_run.run_status;
    fix := (select c.fix from core.error_codes as c where c.error_code = perform_action.error_code);
    insert into ops.operator_actions (
        action, engine_id, run_id, actor, outcome, error_code, detail, arguments, acted_at)
    values (p_action, v_run.engine_id, v_run.run_id, audit.get_actor(), outcome,
            perform_action.error_code, left(detail, 1000), p_args - 'config', p_now_at);
    perform audit.append_event(
        coalesce(v_run.run_id, audit.open_engine_chain('DESK', p_now_at)), 'RUNTIME',
        'ACTION_' || outcome,
        jsonb_build_object('action', p_action, 'arguments', p_args - 'config',
                           'error_code', perform_action.error_code, 'detail', left(detail, 1000)),
        p_now_at);
    return next;
end;
$function$;

comment on function ops.perform_action(text, uuid, jsonb, timestamptz) is
$$Does an operator action and writes down who asked, with what outcome. A refusal is a returned row
(law, detail, fix) and is kept; only a broken invariant or a database error raises.
Why: what was asked of this desk and refused must be remembered too.$$;
