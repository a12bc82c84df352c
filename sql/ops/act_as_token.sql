create or replace function ops.act_as_token(
    p_token_id text,
    p_digest   text,
    p_command  text,
    p_args     jsonb,
    p_now_at   timestamptz
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
    v_peer   text := coalesce(host(inet_client_addr()), 'local');
    v_run    run.runs;
    v_denial text;
    v_action text;
begin
    perform ops.assert_token_call(p_token_id, p_digest, p_command, p_args, p_now_at);
    select r.* into v_run
      from run.runs as r
     where r.run_id = coalesce(
               (p_args ->> 'run_id')::uuid,
               (select o.run_id from oms.orders as o
                 where o.client_order_id = p_args ->> 'client_order_id'));
    v_denial := ops.find_token_denial(
        p_token_id => p_token_id, p_digest => p_digest, p_command => p_command,
        p_engine_id => case p_command
            when 'run_create' then (p_args ->> 'config')::jsonb #>> '{engine,engine_id}'
            else v_run.engine_id end,
        p_is_live => v_run.mode = 'LIVE', p_now_at => p_now_at);
    if v_denial is not null then
        perform ops.refuse_token(p_token_id, v_peer, p_command, v_denial, p_now_at);
        return query
            select 'REFUSED', v_run.run_id, v_run.run_status, c.error_code, c.law, v_denial, c.fix
              from core.error_codes as c where c.error_code = 'MQG61';
        return;
    end if;
    perform ops.accept_token(p_token_id, v_peer, p_command, p_now_at);
    v_action := (select max(c.action) from ops.list_token_commands() as c
                  where c.command = p_command);
    return query
        select f.outcome, f.run_id, f.run_status, f.error_code, f.law, f.detail, f.fix
          from ops.perform_action(
               v_action, coalesce(v_run.run_id, (p_args ->> 'run_id')::uuid), p_args - 'run_id',
               p_now_at) as f;
end;
$function$;

comment on function ops.act_as_token(text, text, text, jsonb, timestamptz) is
$$Does an operator action in the name of the person whose token it is, if the token is valid and covers the
command; what the person may not do, the token may not. A refusal is a returned row, and is kept.
Raises: MQA01; MQA02; MQA03 the caller's clock is wrong; MQG62 too many refused uses; 22P02 a run's id or a
config that cannot be read.$$;
