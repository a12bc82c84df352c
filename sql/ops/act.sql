create or replace function ops.act(
    p_action text,
    p_run_id uuid,
    p_args   jsonb,
    p_now_at timestamptz
)
returns table (
    run_id uuid,
    detail text
)
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
begin
    run_id := p_run_id;
    detail := '';
    perform core.assert_that(
        p_action not in ('STOP', 'HALT', 'FLATTEN', 'CLEAR_HALTED', 'CANCEL', 'CLEAR_DAY_TRADER',
                         'TOKEN_REVOKE', 'CHANGE_MODE')
        or length(p_args ->> 'reason') between 1 and 500, 'MQA12', p_args ->> 'reason');
    case p_action
        when 'CREATE' then
            run_id := ops.create_run(
                p_args ->> 'config', core.parse_time(p_args ->> 'as_of_at'), p_now_at);
        when 'APPROVE' then perform ops.approve_run(p_run_id, p_args ->> 'confirm', p_now_at);
        when 'ARM' then perform ops.arm_run(p_run_id, p_args ->> 'confirm', p_now_at);
        when 'CHANGE_MODE' then detail := run.change_mode(p_args, p_now_at);
        when 'RESOLVE_DEFECT' then detail := md.resolve_defect(p_args, p_now_at);
        when 'BEGIN' then perform run.begin_run(p_run_id, p_now_at);
        when 'STOP' then perform run.stop_run(p_run_id, p_args ->> 'reason', p_now_at);
        when 'HALT' then
            select f.detail into act.detail
              from run.force_halt(p_run_id, 'MANUAL', p_args ->> 'reason', p_now_at) as f;
        when 'FLATTEN' then
            select f.detail into act.detail
              from run.force_halt(p_run_id, 'MANUAL', p_args ->> 'reason', p_now_at) as f;
            perform risk.open_flatten(p_run_id, p_args ->> 'reason', p_now_at);
            detail := concat_ws('; waits for: ', concat_ws('; ', nullif(detail, ''), 'flatten asked'),
                                oms.find_reduction_defect(p_run_id, p_now_at));
        when 'CLEAR_DAY_TRADER' then
            detail := case when risk.clear_day_trader(p_run_id, p_args ->> 'reason', p_now_at)
                           then 'cleared' else 'was not flagged' end;
        when 'CANCEL' then
            select coalesce(string_agg(c.client_order_id || ': ' || c.outcome, ', '), 'no open order')
              into act.detail
              from oms.cancel_orders(
                   p_run_id, p_args ->> 'client_order_id', p_args ->> 'reason', p_now_at) as c;
        when 'CLEAR_HALTED' then perform ops.clear_halted(p_run_id, p_args ->> 'reason', p_now_at);
        when 'TOKEN_ISSUE' then detail := ops.issue_token(p_args, p_now_at);
        when 'TOKEN_ROTATE' then detail := ops.rotate_token(p_args, p_now_at);
        when 'TOKEN_REVOKE' then
            perform ops.revoke_token(p_args ->> 'token_id', p_args ->> 'reason', p_now_at);
        when 'TOKEN_CHECK' then detail := audit.get_actor();
        when 'SCOPE' then
            perform run.set_scope(
                p_args ->> 'login', core.parse_names(p_args -> 'engine_ids'), p_now_at);
    end case;
    return next;
end;
$function$;

comment on function ops.act(text, uuid, jsonb, timestamptz) is
$$Does one operator action: CREATE, APPROVE, ARM, BEGIN, STOP, HALT, FLATTEN, CLEAR_HALTED, CANCEL,
CLEAR_DAY_TRADER, CHANGE_MODE, RESOLVE_DEFECT, TOKEN_*, SCOPE; gives the run's id and what is to be
told about it.
Raises: MQA12 a reason is missing; whatever the action raises.$$;
