create or replace function sim.submit_order(
    p_account_id         text,
    p_client_order_id    text,
    p_symbol             text,
    p_order_qty          bigint,
    p_order_type         text,
    p_limit_price_micros bigint,
    p_stop_price_micros  bigint,
    p_time_in_force      text,
    p_now_at             timestamptz
)
returns sim.orders
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_account sim.accounts;
    v_order   sim.orders;
    v_quote   bigint;
begin
    select a.* into v_account from sim.accounts as a where a.account_id = p_account_id for update;
    perform core.assert_that(found, 'MQN07', p_account_id);
    perform core.assert_that(
        not exists (select from sim.orders as o
                     where o.account_id = p_account_id and o.client_order_id = p_client_order_id),
        'MQG05', 'client_order_id must be unique');
    select q.close_micros into v_quote from sim.quotes as q
     where q.account_id = p_account_id and q.symbol = p_symbol;
    perform core.assert_that(found, 'MQG05', format('asset %s is not tradable', p_symbol));
    perform core.assert_that(
        p_order_qty < 0 or p_order_qty * coalesce(p_limit_price_micros, v_quote)
                           <= v_account.cash_micros,
        'MQG05', format('insufficient buying power for %s %s', p_order_qty, p_symbol));

    perform sim.assert_may_rest(p_account_id, p_symbol, p_order_qty);
    insert into sim.orders (
        account_id, broker_order_id, client_order_id, symbol, order_qty, order_type,
        limit_price_micros, stop_price_micros, time_in_force, order_status, filled_qty, is_triggered,
        submitted_at)
    values (p_account_id, sim.derive_order_id(p_account_id, p_client_order_id),
            p_client_order_id, p_symbol, p_order_qty, p_order_type, p_limit_price_micros,
            p_stop_price_micros, p_time_in_force, 'ACCEPTED', 0, false, p_now_at)
    returning * into v_order;
    perform sim.append_event(v_order, 'new', null, null, p_now_at);
    return v_order;
end;
$function$;

comment on function sim.submit_order(
    text, text, text, bigint, text, bigint, bigint, text, timestamptz) is
$$The paper broker takes an order (p_order_qty signed) or refuses it.
Why: like a real broker it refuses a client_order_id it has seen, an unknown asset, and a purchase
beyond the account's cash.
Raises: MQN07; MQG05 with the broker's reason; 23514 malformed order.$$;
