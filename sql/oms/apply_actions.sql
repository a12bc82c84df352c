create or replace function oms.apply_actions(
    p_run_id uuid,
    p_now_at timestamptz
)
returns table (
    symbol      text,
    action_kind text,
    terms       text,
    held_qty    bigint,
    now_qty     bigint
)
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_now_at timestamptz;
    v_action md.corporate_actions;
begin
    perform run.lock_run(p_run_id, true, p_now_at);
    v_now_at := run.clamp_now(p_run_id, p_now_at);
    for v_action in
        select a.* from ledger.list_due_actions(p_run_id, v_now_at) as a
    loop
        perform oms.clear_symbol(p_run_id, v_action.symbol, 'the shares are split', v_now_at)
          where v_action.action_kind = 'SPLIT';
        symbol := v_action.symbol;
        action_kind := v_action.action_kind;
        terms := md.format_terms(v_action);
        held_qty := (ledger.apply_action(p_run_id, v_action, v_now_at)).held_qty;
        now_qty := ledger.get_position_qty(p_run_id, v_action.symbol);
        return next;
    end loop;
    perform ledger.pay_dividends(p_run_id, v_now_at);
    perform pg_notify('mqk_outbox', p_run_id::text) where symbol is not null;
end;
$function$;

comment on function oms.apply_actions(uuid, timestamptz) is
$$Takes over into a run's books, once each, the corporate actions that have taken effect, whatever the run's
status, and books dividends whose day has come; a row an action. The orders of a split symbol are cancelled
first: they were made for other shares. A stop is planned again by oms.plan_stops.
Why: between the split and this nothing of the symbol is decided, sent or judged.
Raises: MQN02; MQA03; 23502 a fraction of a share is left and no price for it is known.$$;
