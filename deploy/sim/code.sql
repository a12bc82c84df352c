-- Deploy mqk:sim/code to pg
-- built from sql/sim by `make code`: edit there

begin;

set local role mqk_owner;

do $guard$
begin
    if to_regclass('run.runs') is not null then
        lock table run.runs in share mode;  -- nobody arms meanwhile
        if exists (select from run.runs as r where r.run_status in ('ARMED', 'RUNNING')) then
            raise sqlstate 'MQS19' using
                message = 'code is not changed under a run that is armed or running',
                hint = 'Stop the runs first: mqk run stop. Then deploy, and arm anew.';
        end if;
    end if;
end;
$guard$;

create or replace function sim.compute_slippage_bps(
    p_high_micros         bigint,
    p_low_micros          bigint,
    p_close_micros        bigint,
    p_slippage_bps        integer,
    p_volatility_mult_bps integer,
    p_max_slippage_bps    integer
)
returns bigint
language sql
immutable
parallel safe
return least(
    p_slippage_bps
    + (p_high_micros - p_low_micros) * 10000 / p_close_micros * p_volatility_mult_bps / 10000,
    p_max_slippage_bps);

comment on function sim.compute_slippage_bps(bigint, bigint, bigint, integer, integer, integer) is
$$Slippage of a market order in bps: the base plus a share of the bar's range, capped.$$;

create or replace function sim.compute_fill_qty(
    p_left_qty          bigint,
    p_volume            bigint,
    p_participation_bps bigint
)
returns bigint
language sql
immutable
parallel safe
return least(p_left_qty, p_volume * p_participation_bps / 10000);

comment on function sim.compute_fill_qty(bigint, bigint, bigint) is
$$How many of p_left_qty (unsigned) shares a bar of p_volume shares gives: no more than its share of the
volume, rounded down.$$;

create or replace function sim.compute_market_price(
    p_fill_profile text,
    p_order_qty    bigint,
    p_open_micros  bigint,
    p_high_micros  bigint,
    p_low_micros   bigint,
    p_slippage_bps bigint
)
returns bigint
language sql
immutable
parallel safe
return case
    when p_order_qty > 0 then
        case p_fill_profile when 'worst_case' then p_high_micros else p_open_micros end
        + core.scale_up(
            case p_fill_profile when 'worst_case' then p_high_micros else p_open_micros end,
            p_slippage_bps)
    else
        greatest(
            case p_fill_profile when 'worst_case' then p_low_micros else p_open_micros end
            - core.scale_up(
                case p_fill_profile when 'worst_case' then p_low_micros else p_open_micros end,
                p_slippage_bps), 1)
end;

comment on function sim.compute_market_price(text, bigint, bigint, bigint, bigint, bigint) is
$$Price in micros at which an order at the market fills in a bar: worst_case buys at the high and sells at
the low; next_open trades the open; slippage always costs.$$;

create or replace function sim.compute_stopped_price(
    p_order_qty         bigint,
    p_stop_price_micros bigint,
    p_open_micros       bigint,
    p_slippage_bps      bigint
)
returns bigint
language sql
immutable
parallel safe
return case
    when p_order_qty > 0 then
        greatest(p_open_micros, p_stop_price_micros)
        + core.scale_up(greatest(p_open_micros, p_stop_price_micros), p_slippage_bps)
    else
        greatest(
            least(p_open_micros, p_stop_price_micros)
            - core.scale_up(least(p_open_micros, p_stop_price_micros), p_slippage_bps), 1)
end;

comment on function sim.compute_stopped_price(bigint, bigint, bigint, bigint) is
$$Price in micros at which a stop fills in the bar that touches it: at its price, or at the open beyond it,
and slippage always costs.$$;

create or replace function sim.is_triggered(
    p_order_qty         bigint,
    p_stop_price_micros bigint,
    p_high_micros       bigint,
    p_low_micros        bigint
)
returns boolean
language sql
immutable
parallel safe
return case when p_order_qty > 0 then p_high_micros >= p_stop_price_micros
            else p_low_micros <= p_stop_price_micros end;

comment on function sim.is_triggered(bigint, bigint, bigint, bigint) is
$$Whether a bar touches a stop; null without one. From then on the order trades as one at the market, or
as a limit order if it has a limit.$$;

create or replace function sim.compute_fill_price(
    p_fill_profile       text,
    p_order_qty          bigint,
    p_limit_price_micros bigint,
    p_stop_price_micros  bigint,
    p_open_micros        bigint,
    p_high_micros        bigint,
    p_low_micros         bigint,
    p_slippage_bps       bigint
)
returns bigint
language sql
immutable
parallel safe
return case
    when not sim.is_triggered(p_order_qty, p_stop_price_micros, p_high_micros, p_low_micros) then null
    when p_stop_price_micros is not null and p_limit_price_micros is null then
        sim.compute_stopped_price(p_order_qty, p_stop_price_micros, p_open_micros, p_slippage_bps)
    when p_stop_price_micros is not null and p_order_qty > 0 then
        case when p_limit_price_micros > case when p_open_micros >= p_stop_price_micros then p_low_micros
                                              else p_stop_price_micros end
             then least(p_limit_price_micros, sim.compute_stopped_price(
                  p_order_qty, p_stop_price_micros, p_open_micros, p_slippage_bps)) end
    when p_stop_price_micros is not null then
        case when p_limit_price_micros < case when p_open_micros <= p_stop_price_micros then p_high_micros
                                              else p_stop_price_micros end
             then greatest(p_limit_price_micros, sim.compute_stopped_price(
                  p_order_qty, p_stop_price_micros, p_open_micros, p_slippage_bps)) end
    when p_limit_price_micros is null then
        sim.compute_market_price(
            p_fill_profile, p_order_qty, p_open_micros, p_high_micros, p_low_micros, p_slippage_bps)
    when p_order_qty > 0 and p_low_micros < p_limit_price_micros then
        least(p_limit_price_micros, sim.compute_market_price(
            p_fill_profile, p_order_qty, p_open_micros, p_high_micros, p_low_micros, p_slippage_bps))
    when p_order_qty < 0 and p_high_micros > p_limit_price_micros then
        greatest(p_limit_price_micros, sim.compute_market_price(
            p_fill_profile, p_order_qty, p_open_micros, p_high_micros, p_low_micros, p_slippage_bps))
end;

comment on function sim.compute_fill_price(
    text, bigint, bigint, bigint, bigint, bigint, bigint, bigint) is
$$Price in micros at which an order fills in a bar, or null when it does not. p_stop_price_micros: null
once the stop is triggered.
A limit fills only when the bar trades through it (a touch is not enough), at what the market would take,
never worse than its price. A stop that the bar touches fills at its price or at the open beyond it, less
slippage; one with a limit only if the price must then have been within the limit: the open was beyond the
stop and the bar trades through the limit later, or the limit is beyond the stop.
Why: what a bar leaves open is resolved against us.$$;

create or replace function sim.compute_fee(
    p_qty                  bigint,
    p_price_micros         bigint,
    p_fee_per_share_micros bigint,
    p_fee_bps              integer
)
returns bigint
language sql
immutable
parallel safe
return p_qty * p_fee_per_share_micros + core.scale_up(p_qty * p_price_micros, p_fee_bps);

comment on function sim.compute_fee(bigint, bigint, bigint, integer) is
$$Commission in micros of p_qty (unsigned) shares: per share plus bps of the notional, rounded up.
Raises: 22003 overflow.$$;

create or replace function sim.compute_lieu(
    p_held_qty     bigint,
    p_ratio_num    bigint,
    p_ratio_den    bigint,
    p_price_micros bigint
)
returns bigint
language sql
immutable
parallel safe
return case when mod(p_held_qty::numeric * p_ratio_num, p_ratio_den) = 0 then 0
            else floor(mod(p_held_qty::numeric * p_ratio_num, p_ratio_den) * p_price_micros
                       / p_ratio_num) end::bigint;

comment on function sim.compute_lieu(bigint, bigint, bigint, bigint) is
$$The cash, in micros, for the fraction of a share that a split of ratio_num new shares for ratio_den old
ones leaves of p_held_qty signed shares, at the last price of an old share; rounded down, against us, long
or short. Null: a fraction is left and no price for it is known.$$;

create or replace function sim.open_account(
    p_account_id text,
    p_terms      jsonb,
    p_now_at     timestamptz
)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_cash  bigint := core.parse_micros(p_terms ->> 'opening_cash');
    v_terms sim.accounts;
begin
    perform core.assert_that(
        v_cash is not null, 'MQA02', format('opening_cash %s', p_terms ->> 'opening_cash'));
    v_terms := jsonb_populate_record(null::sim.accounts, p_terms || jsonb_build_object(
        'account_id', p_account_id, 'opening_cash_micros', v_cash, 'cash_micros', v_cash,
        'last_event_no', 0, 'opened_at', core.format_iso(p_now_at)));
    insert into sim.accounts select v_terms.* on conflict (account_id) do nothing;
    if not found then
        perform core.assert_that(
            (select to_jsonb(a) - array['cash_micros', 'last_event_no', 'opened_at']
                    = to_jsonb(v_terms) - array['cash_micros', 'last_event_no', 'opened_at']
               from sim.accounts as a where a.account_id = p_account_id),
            'MQS07', p_account_id);
    end if;
end;
$function$;

comment on function sim.open_account(text, jsonb, timestamptz) is
$$Opens a paper account with its terms; again with the same terms: nothing.
p_terms: opening_cash (dollars, decimal text) and the cost columns of sim.accounts.
Raises: MQA02 opening_cash is not exact; MQS07 the account exists with other terms; 23514, 23502.$$;

create or replace function sim.append_event(
    p_order        sim.orders,
    p_event_kind   text,
    p_execution    jsonb,
    p_reason       text,
    p_now_at       timestamptz
)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_no bigint;
begin
    update sim.accounts as a set last_event_no = a.last_event_no + 1
     where a.account_id = p_order.account_id
    returning a.last_event_no into v_no;
    insert into sim.events (
        account_id, event_no, event_kind, broker_order_id, client_order_id, execution_id, event_qty,
        price_micros, fee_micros, cum_qty, order_qty, position_qty, reason,
        occurred_at)
    values (p_order.account_id, v_no, p_event_kind, p_order.broker_order_id,
            p_order.client_order_id, p_execution ->> 'execution_id',
            (p_execution ->> 'qty')::bigint, (p_execution ->> 'price_micros')::bigint,
            (p_execution ->> 'fee_micros')::bigint, p_order.filled_qty, p_order.order_qty,
            coalesce((select p.position_qty from sim.positions as p
                       where p.account_id = p_order.account_id and p.symbol = p_order.symbol), 0),
            p_reason, p_now_at);
end;
$function$;

comment on function sim.append_event(sim.orders, text, jsonb, text, timestamptz) is
$$Appends what the paper broker tells its client about an order.$$;

create or replace function sim.assert_may_rest(
    p_account_id text,
    p_symbol     text,
    p_order_qty  bigint
)
returns void
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_held     bigint;
    v_resting  bigint;
    v_opposite bigint;
begin
    select coalesce(max(p.position_qty), 0) into v_held from sim.positions as p
     where p.account_id = p_account_id and p.symbol = p_symbol;
    select coalesce(sum(abs(o.order_qty) - o.filled_qty) filter (
                        where sign(o.order_qty) = sign(p_order_qty)), 0),
           count(*) filter (where sign(o.order_qty) <> sign(p_order_qty))
      into v_resting, v_opposite
      from sim.orders as o
     where o.account_id = p_account_id and o.symbol = p_symbol
       and o.order_status in ('ACCEPTED', 'PARTIALLY_FILLED');
    perform core.assert_that(
        v_opposite = 0, 'MQG05', 'potential wash trade detected. opposite side order exists');
    perform core.assert_that(
        sign(v_held) * sign(p_order_qty) >= 0
        or abs(p_order_qty) + v_resting <= abs(v_held), 'MQG05',
        format('insufficient qty available for order (requested: %s, available: %s)',
               abs(p_order_qty), abs(v_held) - v_resting));
end;
$function$;

comment on function sim.assert_may_rest(text, text, bigint) is
$$Refuses an order against one that rests on the other side, and one that would close more shares than
are held and not held back by other orders.
Why: real brokers do; a desk that only meets a kinder one learns it with real money.
Raises: MQG05.$$;

create or replace function sim.derive_order_id(
    p_account_id      text,
    p_client_order_id text
)
returns uuid
language sql
immutable
strict
parallel safe
return core.derive_id('paper.order', array[p_account_id, p_client_order_id]);

comment on function sim.derive_order_id(text, text) is
$$The paper broker's id for an order: the same for the same name in the same account.$$;

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

create or replace function sim.end_order(
    p_account_id      text,
    p_broker_order_id uuid,
    p_to_status       text,
    p_reason          text,
    p_now_at          timestamptz
)
returns sim.orders
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_order sim.orders;
begin
    update sim.orders as o set order_status = p_to_status
     where o.account_id = p_account_id and o.broker_order_id = p_broker_order_id
       and o.order_status in ('ACCEPTED', 'PARTIALLY_FILLED')
    returning o.* into v_order;
    perform core.assert_that(found, 'MQS06', p_broker_order_id::text);
    perform sim.append_event(v_order, lower(p_to_status), null, p_reason, p_now_at);
    return v_order;
end;
$function$;

comment on function sim.end_order(text, uuid, text, text, timestamptz) is
$$Ends a working paper order as CANCELED, EXPIRED or REJECTED and tells the client.
Raises: MQS06 the order has ended, or there is none.$$;

create or replace function sim.replace_order(
    p_account_id         text,
    p_broker_order_id    uuid,
    p_order_qty          bigint,
    p_limit_price_micros bigint,
    p_stop_price_micros  bigint,
    p_now_at             timestamptz
)
returns sim.orders
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_order sim.orders;
begin
    select o.* into v_order from sim.orders as o
     where o.account_id = p_account_id and o.broker_order_id = p_broker_order_id for update;
    perform core.assert_that(found, 'MQN08', p_broker_order_id::text);
    perform core.assert_that(
        v_order.order_status in ('ACCEPTED', 'PARTIALLY_FILLED'), 'MQS06', v_order.order_status);
    perform core.assert_that(
        sign(p_order_qty) = sign(v_order.order_qty) and abs(p_order_qty) > v_order.filled_qty,
        'MQG05', format('cannot replace %s by %s', v_order.order_qty, p_order_qty));
    update sim.orders as o
       set order_qty = p_order_qty, limit_price_micros = p_limit_price_micros,
           stop_price_micros = p_stop_price_micros, is_triggered = false
     where o.account_id = p_account_id and o.broker_order_id = p_broker_order_id
    returning o.* into v_order;
    perform sim.append_event(v_order, 'replaced', null, null, p_now_at);
    return v_order;
end;
$function$;

comment on function sim.replace_order(text, uuid, bigint, bigint, bigint, timestamptz) is
$$Changes quantity (same side, more than is filled) and prices of a working paper order.
Raises: MQN08; MQS06; MQG05.$$;

create or replace function sim.fill_order(
    p_order        sim.orders,
    p_qty          bigint,
    p_price_micros bigint,
    p_now_at       timestamptz
)
returns sim.orders
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_order sim.orders;
    v_fee   bigint;
begin
    select sim.compute_fee(p_qty, p_price_micros, a.fee_per_share_micros, a.fee_bps) into v_fee
      from sim.accounts as a where a.account_id = p_order.account_id;
    update sim.orders as o
       set filled_qty   = o.filled_qty + p_qty,
           order_status = case when o.filled_qty + p_qty = abs(o.order_qty)
                               then 'FILLED' else 'PARTIALLY_FILLED' end
     where o.account_id = p_order.account_id and o.broker_order_id = p_order.broker_order_id
    returning o.* into v_order;
    update sim.accounts as a
       set cash_micros = a.cash_micros - sign(v_order.order_qty)::bigint * p_qty * p_price_micros
                         - v_fee
     where a.account_id = v_order.account_id;
    insert into sim.positions (account_id, symbol, position_qty)
    values (v_order.account_id, v_order.symbol, sign(v_order.order_qty)::bigint * p_qty)
    on conflict (account_id, symbol) do update
       set position_qty = positions.position_qty + excluded.position_qty;
    perform sim.append_event(
        v_order, case v_order.order_status when 'FILLED' then 'fill' else 'partial_fill' end,
        jsonb_build_object(
            'execution_id', v_order.broker_order_id || ':' || lpad(v_order.filled_qty::text, 10, '0'),
            'qty', p_qty, 'price_micros', p_price_micros, 'fee_micros', v_fee),
        null, p_now_at);
    return v_order;
end;
$function$;

comment on function sim.fill_order(sim.orders, bigint, bigint, timestamptz) is
$$Executes p_qty (unsigned) shares of a working paper order: cash, position, event.$$;

create or replace function sim.match_order(
    p_order  sim.orders,
    p_bar    jsonb,
    p_now_at timestamptz
)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_account sim.accounts;
    v_order   sim.orders := p_order;
    v_price   bigint;
    v_qty     bigint;
begin
    select a.* into strict v_account from sim.accounts as a where a.account_id = p_order.account_id;
    v_price := sim.compute_fill_price(
        v_account.fill_profile, v_order.order_qty, v_order.limit_price_micros,
        case when not v_order.is_triggered then v_order.stop_price_micros end,
        (p_bar ->> 'open_micros')::bigint, (p_bar ->> 'high_micros')::bigint,
        (p_bar ->> 'low_micros')::bigint,
        sim.compute_slippage_bps(
            (p_bar ->> 'high_micros')::bigint, (p_bar ->> 'low_micros')::bigint,
            (p_bar ->> 'close_micros')::bigint, v_account.slippage_bps,
            v_account.volatility_mult_bps, v_account.max_slippage_bps));
    if not v_order.is_triggered and sim.is_triggered(
        v_order.order_qty, v_order.stop_price_micros,
        (p_bar ->> 'high_micros')::bigint, (p_bar ->> 'low_micros')::bigint)
    then
        update sim.orders as o set is_triggered = true
         where o.account_id = v_order.account_id and o.broker_order_id = v_order.broker_order_id
        returning o.* into v_order;
    end if;
    v_qty := sim.compute_fill_qty(
        abs(v_order.order_qty) - v_order.filled_qty, (p_bar ->> 'volume')::bigint,
        v_account.participation_bps);
    if v_price is not null and v_qty > 0 then
        if v_order.order_qty > 0 and v_account.cash_micros
           < v_qty * v_price
             + sim.compute_fee(v_qty, v_price, v_account.fee_per_share_micros, v_account.fee_bps)
        then
            perform sim.end_order(v_order.account_id, v_order.broker_order_id, 'REJECTED',
                                  'insufficient buying power at the fill price', p_now_at);
            return;
        end if;
        if v_qty > v_account.split_above_qty then
            v_order := sim.fill_order(v_order, v_qty / 2, v_price, p_now_at);
            v_qty := v_qty - v_qty / 2;
        end if;
        v_order := sim.fill_order(v_order, v_qty, v_price, p_now_at);
    end if;
    if v_order.order_status <> 'FILLED' and v_order.time_in_force = 'DAY'
       and coalesce((p_bar ->> 'ends_session')::boolean, true) then
        perform sim.end_order(v_order.account_id, v_order.broker_order_id, 'EXPIRED',
                              'end of the session', p_now_at);
    end if;
end;
$function$;

comment on function sim.match_order(sim.orders, jsonb, timestamptz) is
$$Plays one working order through a bar: full or partial fills, rejection for want of cash,
expiry of what is left of a DAY order when the bar ends a session.
A stop that the bar touches is triggered: what is left of it trades on without it.
Why: deterministic: the same order and bar give the same executions.$$;

create or replace function sim.split_position(
    p_action sim.actions,
    p_now_at timestamptz
)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_exact numeric := p_action.held_qty::numeric * p_action.ratio_num / p_action.ratio_den;
    v_quote bigint;
begin
    perform sim.end_order(
        o.account_id, o.broker_order_id, 'CANCELED', 'corporate action', p_now_at)
       from sim.orders as o
      where o.account_id = p_action.account_id and o.symbol = p_action.symbol
        and o.order_status in ('ACCEPTED', 'PARTIALLY_FILLED');
    select q.close_micros into v_quote from sim.quotes as q
     where q.account_id = p_action.account_id and q.symbol = p_action.symbol;
    update sim.positions as p set position_qty = trunc(v_exact)
     where p.account_id = p_action.account_id and p.symbol = p_action.symbol;
    update sim.accounts as a
       set cash_micros = a.cash_micros + sim.compute_lieu(
               p_action.held_qty, p_action.ratio_num, p_action.ratio_den, v_quote)
     where a.account_id = p_action.account_id and v_exact <> trunc(v_exact);
    update sim.quotes as q
       set close_micros = core.restate_price(
               q.close_micros, p_action.ratio_den, p_action.ratio_num)
     where q.account_id = p_action.account_id and q.symbol = p_action.symbol;
end;
$function$;

comment on function sim.split_position(sim.actions, timestamptz) is
$$Splits the shares that a paper account holds, pays the fraction of a share at the last close, and cancels
every order that rests in the symbol.
Why: brokers do so with reverse splits and may with any; a desk that needs a kinder one learns it late.$$;

create or replace function sim.announce_actions(
    p_account_id text,
    p_actions    jsonb,
    p_now_at     timestamptz
)
returns bigint
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_count bigint;
begin
    insert into sim.actions (
        account_id, action_id, symbol, action_kind, effective_at, ratio_num, ratio_den,
        amount_micros, pay_at, announced_at)
    select a.account_id, r.action_id, r.symbol, r.action_kind, core.parse_time(r.effective_at),
           r.ratio_num, r.ratio_den, r.amount_micros, core.parse_time(r.pay_at), p_now_at
      from jsonb_to_recordset(p_actions) as r (
           action_id uuid, symbol text, action_kind text, effective_at text, ratio_num bigint,
           ratio_den bigint, amount_micros bigint, pay_at text)
      join sim.accounts as a
        on a.account_id = p_account_id and a.opened_at < core.parse_time(r.effective_at)
     order by r.effective_at, r.action_id
    on conflict (account_id, action_id) do nothing;
    get diagnostics v_count = row_count;
    return v_count;
end;
$function$;

comment on function sim.announce_actions(text, jsonb, timestamptz) is
$$Tells a paper market of corporate actions; it applies them by itself when its market gets there
(sim.observe_bars). Gives how many are new. One of before the account was opened is not its business.
p_actions: [{action_id, symbol, action_kind, effective_at (ISO), ratio_num, ratio_den, amount_micros,
pay_at (ISO or null)}].$$;

create or replace function sim.apply_actions(
    p_account_id text,
    p_before_at  timestamptz,
    p_now_at     timestamptz
)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_action sim.actions;
    v_due    sim.actions;
begin
    for v_action in
        select a.* from sim.actions as a
         where a.account_id = p_account_id and a.applied_at is null and a.effective_at < p_before_at
         order by a.effective_at, a.action_kind, a.action_id
    loop
        update sim.actions as a
           set applied_at = p_now_at,
               held_qty = coalesce((select p.position_qty from sim.positions as p
                                     where p.account_id = a.account_id and p.symbol = a.symbol), 0)
         where a.account_id = p_account_id and a.action_id = v_action.action_id
        returning a.* into v_action;
        perform sim.split_position(v_action, p_now_at) where v_action.action_kind = 'SPLIT';
    end loop;
    for v_due in
        update sim.actions as a
           set paid_at = p_now_at
         where a.account_id = p_account_id and a.action_kind = 'CASH_DIVIDEND'
           and a.applied_at is not null and a.paid_at is null and a.pay_at < p_before_at
        returning a.*
    loop
        update sim.accounts as c set cash_micros = c.cash_micros + v_due.held_qty * v_due.amount_micros
         where c.account_id = p_account_id;
    end loop;
end;
$function$;

comment on function sim.apply_actions(text, timestamptz, timestamptz) is
$$The paper broker's own side of corporate actions that take effect before p_before_at: splits what it
holds, pays dividends by what it held on their ex morning.
Why: computed from its own books, so that agreement with ours proves something.$$;

create or replace function sim.observe_bars(
    p_account_id text,
    p_bars       jsonb,
    p_now_at     timestamptz
)
returns bigint
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_bar   jsonb;
    v_order sim.orders;
    v_count bigint := 0;
begin
    perform from sim.accounts as a where a.account_id = p_account_id for no key update;
    if not found then
        return 0;
    end if;
    for v_bar in
        select b.value from jsonb_array_elements(p_bars) as b
         where not exists (
            select from sim.quotes as q
             where q.account_id = p_account_id
               and q.symbol = b.value ->> 'symbol'
               and q.bar_end_at >= core.parse_time(b.value ->> 'bar_end_at'))
           and not exists (
            select from sim.actions as a
             where a.account_id = p_account_id and a.symbol = b.value ->> 'symbol'
               and a.action_kind = 'SPLIT' and a.applied_at is not null
               and a.effective_at >= core.parse_time(b.value ->> 'bar_end_at'))
         order by b.value ->> 'bar_end_at', b.value ->> 'symbol' collate "C"
    loop
        perform sim.apply_actions(
            p_account_id, core.parse_time(v_bar ->> 'bar_end_at'), p_now_at);
        for v_order in
            select o.* from sim.orders as o
             where o.account_id = p_account_id
               and o.symbol = v_bar ->> 'symbol'
               and o.order_status in ('ACCEPTED', 'PARTIALLY_FILLED')
               and o.submitted_at < core.parse_time(v_bar ->> 'bar_end_at')
             order by o.order_qty, o.client_order_id collate "C"
        loop
            perform sim.match_order(v_order, v_bar, p_now_at);
        end loop;
        insert into sim.quotes (account_id, symbol, close_micros, bar_end_at)
        values (p_account_id, v_bar ->> 'symbol', (v_bar ->> 'close_micros')::bigint,
                core.parse_time(v_bar ->> 'bar_end_at'))
        on conflict (account_id, symbol) do update
           set close_micros = excluded.close_micros, bar_end_at = excluded.bar_end_at;
        v_count := v_count + 1;
    end loop;
    perform sim.apply_actions(p_account_id, p_now_at + interval '1 us', p_now_at);
    return v_count;
end;
$function$;

comment on function sim.observe_bars(text, jsonb, timestamptz) is
$$The account's paper market trades one bar of each symbol: orders given before the bar's end are matched;
a bar that is not newer than the last is skipped. Gives how many bars were new; 0 without the account.
Corporate actions take effect before the first bar that ends after their morning; a bar of old shares that
comes after a split is skipped.
Why: each account sees the market at its own pace, so that a replay disturbs nobody.
p_bars: [{symbol, bar_end_at (ISO), open_micros, high_micros, low_micros, close_micros, volume,
ends_session (left out: true)}].$$;

create or replace function sim.format_order(
    p_order sim.orders
)
returns jsonb
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select jsonb_build_object(
        'broker_order_id', p_order.broker_order_id,
        'client_order_id', p_order.client_order_id,
        'symbol', p_order.symbol,
        'side', case when p_order.order_qty > 0 then 'buy' else 'sell' end,
        'qty', abs(p_order.order_qty)::text,
        'filled_qty', p_order.filled_qty::text,
        'type', lower(p_order.order_type),
        'limit_price', core.format_micros(p_order.limit_price_micros),
        'stop_price', core.format_micros(p_order.stop_price_micros),
        'time_in_force', lower(p_order.time_in_force),
        'status', lower(p_order.order_status),
        'submitted_at', core.format_iso(p_order.submitted_at));
$function$;

comment on function sim.format_order(sim.orders) is
$$A paper order as the broker shows it: unsigned quantities as text, side buy or sell.$$;

create or replace function sim.get_snapshot(
    p_account_id text,
    p_now_at     timestamptz
)
returns jsonb
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select jsonb_build_object(
        'source', 'paper',
        'account_id', a.account_id,
        'captured_at', core.format_iso(p_now_at),
        'cash', core.format_micros(a.cash_micros),
        'orders', (
            select coalesce(jsonb_agg(sim.format_order(o) order by o.client_order_id collate "C"), '[]')
              from sim.orders as o where o.account_id = a.account_id),
        'positions', (
            select coalesce(jsonb_agg(jsonb_build_object(
                       'symbol', p.symbol, 'qty', p.position_qty::text)
                       order by p.symbol collate "C"), '[]')
              from sim.positions as p
             where p.account_id = a.account_id and p.position_qty <> 0))
      from sim.accounts as a
     where a.account_id = p_account_id;
$function$;

comment on function sim.get_snapshot(text, timestamptz) is
$$What the paper broker says an account holds: cash, orders, positions, all numbers as text.
Why: read from the broker's own tables, so comparing it with our books proves something.$$;

create or replace function sim.list_events(
    p_account_id text,
    p_after_no   bigint,
    p_limit      integer
)
returns table (
    event_no bigint,
    message  jsonb
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select e.event_no,
           jsonb_strip_nulls(jsonb_build_object(
               'message_id', format('paper:%s:%s', e.account_id, e.event_no),
               'event', e.event_kind,
               'broker_order_id', e.broker_order_id,
               'client_order_id', e.client_order_id,
               'execution_id', e.execution_id,
               'qty', e.event_qty::text,
               'price', core.format_micros(e.price_micros),
               'fee', core.format_micros(e.fee_micros),
               'cum_qty', e.cum_qty::text,
               'order_qty', abs(e.order_qty)::text,
               'position_qty', e.position_qty::text,
               'reason', e.reason,
               'at', core.format_iso(e.occurred_at)))
      from sim.events as e
     where e.account_id = p_account_id
       and e.event_no > p_after_no
     order by e.event_no
     limit least(greatest(p_limit, 1), 500);
$function$;

comment on function sim.list_events(text, bigint, integer) is
$$What the paper broker told its client after event p_after_no, oldest first, at most 500.
Why: a client that lost its place asks again and gets the same messages.$$;

create or replace trigger _900_refuse_change before update or delete on sim.events
for each row execute function core.tg_refuse_change();
create or replace trigger _900_refuse_truncate before truncate on sim.events
for each statement execute function core.tg_refuse_change();

commit;
