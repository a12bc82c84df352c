create or replace function oms.enqueue_order(
    p_intent      oms.intents,
    p_stop_micros bigint,
    p_expires_at  timestamptz,
    p_now_at      timestamptz
)
returns text
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_run       run.runs;
    v_order_id  uuid := core.derive_id('order', array[p_intent.run_id::text, p_intent.intent_id::text]);
    v_name      text;
    v_outbox_id bigint;
    v_target    strat.targets;
    v_stop      bigint;
begin
    select r.* into strict v_run from run.runs as r where r.run_id = p_intent.run_id;
    select t.* into v_target from strat.targets as t
     where t.run_id = p_intent.run_id and t.strategy_id = p_intent.strategy_id
       and t.bar_end_at = p_intent.bar_end_at and t.symbol = p_intent.symbol
       and p_intent.leg = 'TARGET';
    v_stop := coalesce(p_stop_micros, v_target.stop_price_micros);
    v_name := oms.derive_client_order_id(v_run.engine_id, p_intent.intent_id);
    insert into oms.orders (
        run_id, order_id, intent_id, account_id, client_order_id, symbol, order_qty, order_type,
        limit_price_micros, stop_price_micros, time_in_force, order_status, status_seq, cum_qty,
        working_qty, gap_qty, pending_op, created_at)
    values (p_intent.run_id, v_order_id, p_intent.intent_id, v_run.account_id, v_name,
            p_intent.symbol, p_intent.order_qty,
            case when p_stop_micros is null then coalesce(v_target.order_type, 'MARKET') else 'STOP' end,
            v_target.limit_price_micros, v_stop,
            case when p_stop_micros is null then 'DAY' else 'GTC' end, 'NEW', 1, 0,
            abs(p_intent.order_qty), 0, 'NONE', p_now_at);
    insert into oms.order_history (
        run_id, order_id, history_seq, from_status, to_status, cum_qty, working_qty, gap_qty,
        pending_op, reason, moved_at)
    values (p_intent.run_id, v_order_id, 1, 'NONE', 'NEW', 0, abs(p_intent.order_qty), 0, 'NONE',
            'enqueued', p_now_at);
    v_outbox_id := oms.enqueue_request(
        p_intent.run_id, v_order_id, 'SUBMIT', null, 'enqueued', p_expires_at, p_now_at);
    perform audit.append_event(
        p_intent.run_id, 'OMS', 'ORDER_ENQUEUED',
        jsonb_build_object('intent_id', p_intent.intent_id, 'outbox_id', v_outbox_id,
                           'client_order_id', v_name, 'symbol', p_intent.symbol,
                           'order_qty', p_intent.order_qty, 'leg', p_intent.leg,
                           'stop_price_micros', v_stop, 'expires_at', core.format_iso(p_expires_at))
        || case when v_target.order_type <> 'MARKET' then jsonb_build_object(
               'order_type', v_target.order_type, 'limit_price_micros', v_target.limit_price_micros)
           else '{}' end, p_now_at);
    return v_name;
end;
$function$;

comment on function oms.enqueue_order(oms.intents, bigint, timestamptz, timestamptz) is
$$Turns an allowed intent into a DAY order of the type and at the prices that its target asks for, at the
market to flatten, or into a stop GTC order at p_stop_micros, with its outbox row; gives its
client_order_id.
Raises: 23503 there is no ALLOW verdict for it; 23505 it was enqueued before.$$;
