\ir ../_setup.sql
begin;
select plan(11);

-- 1,000 shares or 100,000.00 an order, 150,000.00 a symbol, 200,000.00 gross and net, leverage 1,
-- half of the equity a symbol, a collar of 10 %; equity 1,000,000.00; a share costs 100.00.
create function pg_temp.limits(p_change jsonb default '{}')
returns risk.limits
language sql
return jsonb_populate_record(null::risk.limits, jsonb_build_object(
    'run_id', '00000000-0000-8000-a000-000000000001', 'max_order_qty', 1000,
    'max_order_notional_micros', 100000000000, 'max_position_micros', 150000000000,
    'max_gross_exposure_micros', 200000000000, 'max_net_exposure_micros', 200000000000,
    'max_leverage_bps', 10000, 'max_concentration_bps', 5000, 'price_collar_bps', 1000,
    'max_orders', 5, 'max_messages', 6, 'max_repeats', 4, 'allowed_session', 'ANY',
    'pdt_mode', 'OFF', 'pdt_max_day_trades', 3, 'pdt_min_equity_micros', 25000000000,
    'allow_short', false) || p_change);

create function pg_temp.deny(p_facts jsonb, p_limits jsonb default '{}')
returns text
language sql
return risk.find_denial(pg_temp.limits(p_limits), jsonb_populate_record(null::risk.order_facts,
    jsonb_build_object(
        'instrument_kind', 'EQUITY', 'is_listed', true, 'session_state', 'CLOSED',
        'restriction', 'NONE', 'order_qty', 1, 'held_qty', 0, 'buy_qty', 0, 'sell_qty', 0,
        'mark_micros', 100000000, 'reference_micros', 100000000, 'is_fresh', true, 'other_gross', 0,
        'other_high', 0, 'other_low', 0, 'equity_micros', 1000000000000, 'orders', 0,
        'messages', 0, 'repeats', 0, 'day_trades', 0, 'is_flagged', false) || p_facts));

create temp view cases as
select *
  from (values
    (1, '{"order_qty": 1000}', null),
    (2, '{"order_qty": 1001, "mark_micros": 1, "reference_micros": 1}', 'MAX_ORDER_QTY'),
    (3, '{"order_qty": -1001, "held_qty": 2000}', null),
    (4, '{"order_qty": 1000, "mark_micros": 100000001}', 'MAX_ORDER_NOTIONAL'),
    (5, '{"order_qty": 500, "held_qty": 1000}', null),
    (6, '{"order_qty": 501, "held_qty": 1000}', 'MAX_POSITION'),
    (7, '{"order_qty": 500, "buy_qty": 1000}', null),
    (8, '{"order_qty": 501, "buy_qty": 1000}', 'MAX_POSITION'),
    (9, '{"order_qty": 500, "other_gross": 150000000000}', null),
    (10, '{"order_qty": 500, "other_gross": 150000000001}', 'MAX_GROSS_EXPOSURE'),
    (11, '{"order_qty": -1}', 'SHORT_NOT_ALLOWED'),
    (12, '{"order_qty": -10, "held_qty": 10}', null),
    (13, '{"order_qty": -11, "held_qty": 10}', 'SHORT_NOT_ALLOWED'),
    (14, '{"order_qty": -6, "held_qty": 10, "sell_qty": 4}', null),
    (15, '{"order_qty": -7, "held_qty": 10, "sell_qty": 4}', 'SHORT_NOT_ALLOWED'),
    (16, '{"instrument_kind": "ETF"}', null),
    (17, '{"instrument_kind": "INDEX"}', 'NOT_TRADABLE'),
    (18, '{"instrument_kind": "INDEX", "order_qty": -1, "held_qty": 1}', 'NOT_TRADABLE'),
    (19, '{"is_listed": false}', 'NOT_LISTED'),
    (20, '{"is_fresh": false}', 'STALE_PRICE'),
    (21, '{"restriction": "TRADE"}', 'RESTRICTED'),
    (91, '{"restriction": "FORBIDDEN"}', 'FORBIDDEN_PERIOD'),
    (22, '{"restriction": "SHORT"}', null),
    (23, '{"mark_micros": 110000000}', null),
    (24, '{"mark_micros": 110000001}', 'PRICE_COLLAR'),
    (25, '{"mark_micros": 90000000}', null),
    (26, '{"mark_micros": 89999999}', 'PRICE_COLLAR'),
    (27, '{"order_qty": 500, "equity_micros": 100000000000}', null),
    (28, '{"order_qty": 501, "equity_micros": 100000000000}', 'MAX_CONCENTRATION'),
    (29, '{"order_qty": 500, "other_high": 150000000000}', null),
    (30, '{"order_qty": 500, "other_high": 150000000001}', 'MAX_NET_EXPOSURE'),
    (31, '{"order_qty": 500, "equity_micros": 100000000000, "other_gross": 50000000000}', null),
    (32, '{"order_qty": 500, "equity_micros": 100000000000, "other_gross": 50000000001}', 'MAX_LEVERAGE'),
    (33, '{"orders": 4}', null), (34, '{"orders": 5}', 'ORDER_RATE'),
    (35, '{"messages": 5}', null), (36, '{"messages": 6}', 'MESSAGE_RATE'),
    (37, '{"repeats": 3}', null), (38, '{"repeats": 4}', 'REPEATED_EXECUTION')
  ) as t (position, facts, rule);

select is_empty($$
    select c.*, d.found
      from cases as c
      cross join lateral pg_temp.deny(c.facts::jsonb) as d (found)
     where d.found is distinct from c.rule $$,
    'an order is allowed up to each limit, and denied by its name one beyond it');

select results_eq($$
    select pg_temp.deny(t.facts::jsonb, '{"allow_short": true}')
      from (values (1, '{"order_qty": -1}'), (2, '{"order_qty": -11, "held_qty": 10}'),
                   (3, '{"order_qty": -501, "held_qty": -1000}'),
                   (4, '{"order_qty": 501, "held_qty": -1501}'),
                   (5, '{"order_qty": -1, "restriction": "SHORT"}'),
                   (6, '{"order_qty": -1, "mark_micros": 90000000}'),
                   (7, '{"order_qty": -1, "mark_micros": 90000001}'),
                   (8, '{"order_qty": -500, "other_low": -150000000001}')) as t (n, facts)
     order by t.n $$,
    array[null, null, 'MAX_POSITION', null, 'SHORT_RESTRICTED', 'SHORT_SALE_RULE', null,
          'MAX_NET_EXPOSURE'],
    'with shorts allowed, a short has the limits of a long and the rules of short sales');

select is_empty($$
    select k.name, pg_temp.deny(jsonb_build_object(k.name, null))
      from unnest(array['order_qty', 'held_qty', 'buy_qty', 'sell_qty', 'mark_micros',
                        'reference_micros', 'is_fresh', 'other_gross', 'other_high', 'other_low',
                        'equity_micros', 'orders', 'messages', 'repeats', 'is_listed',
                        'session_state', 'restriction']) as k (name)
     where pg_temp.deny(jsonb_build_object(k.name, null)) is null $$,
    'anything unknown denies');

select results_eq($$
    select pg_temp.deny(t.facts::jsonb || '{"is_guarded": false}')
      from (values (1, '{"limit_micros": 110000000}'), (2, '{"limit_micros": 110000001}'),
                   (3, '{"stop_micros": 90000000}'), (4, '{"stop_micros": 89999999}'),
                   (5, '{"limit_micros": 99000000, "stop_micros": 120000000}'),
                   (6, '{"limit_micros": 100000001, "order_qty": 1000}'),
                   (7, '{"stop_micros": 99999999, "order_qty": 1000}'),
                   (8, '{"stop_micros": 110000000, "held_qty": 1000, "order_qty": 454}'),
                   (9, '{"stop_micros": 110000000, "held_qty": 1000, "order_qty": 455}')) as t (n, facts)
     order by t.n $$,
    array[null, 'PRICE_COLLAR', null, 'PRICE_COLLAR', 'PRICE_COLLAR', 'MAX_ORDER_NOTIONAL', null, null,
          'MAX_POSITION'],
    'an order is worth the highest of its prices and the mark, and each lies within the collar around it');

select is(pg_temp.deny('{"held_qty": 10, "order_qty": -5, "limit_micros": 101000000, "is_guarded": null}'),
          'PROTECTED_POSITION', 'an order with prices does not stand beside a protective stop');

select is(risk.find_denial(null, jsonb_populate_record(null::risk.order_facts,
              '{"instrument_kind": "EQUITY", "order_qty": 1, "held_qty": 0}')), 'NO_LIMITS',
          'a run without limits opens nothing');

select is(risk.find_denial(null, jsonb_populate_record(null::risk.order_facts,
              '{"order_qty": -9, "held_qty": 10, "buy_qty": 5, "sell_qty": 1}')), null,
          'without a price, an order that only reduces still passes: no limit locks us in');

select results_eq($$
    select pg_temp.deny(format('{"session_state": "%s"}', t.state)::jsonb,
                        format('{"allowed_session": "%s"}', t.allowed)::jsonb)
      from (values (1, 'OPEN', 'OPEN'), (2, 'OPEN', 'CLOSED'), (3, 'CLOSED', 'CLOSED'),
                   (4, 'CLOSED', 'OPEN'), (5, 'OPEN', 'ANY')) as t (n, state, allowed)
     order by t.n $$,
    array[null, 'SESSION_NOT_ALLOWED', null, 'SESSION_NOT_ALLOWED', null],
    'an order is given in the session state that is allowed');

select results_eq($$
    select pg_temp.deny(t.facts::jsonb, t.limits::jsonb)
      from (values
        (1, '{"day_trades": 9, "is_flagged": true, "equity_micros": 1}', '{"pdt_mode": "OFF"}'),
        (2, '{"day_trades": 2, "equity_micros": 24999999999}', '{"pdt_mode": "AUTO"}'),
        (3, '{"day_trades": 3, "equity_micros": 24999999999}', '{"pdt_mode": "AUTO"}'),
        (4, '{"day_trades": 3, "equity_micros": 25000000000}', '{"pdt_mode": "AUTO"}'),
        (5, '{"is_flagged": true, "equity_micros": 24999999999}', '{"pdt_mode": "AUTO"}'),
        (6, '{"is_flagged": true, "equity_micros": 25000000000}', '{"pdt_mode": "AUTO"}'),
        (7, '{"is_flagged": true, "equity_micros": 25000000000}', '{"pdt_mode": "ALWAYS"}'),
        (8, '{"day_trades": 3, "equity_micros": 25000000000}', '{"pdt_mode": "ALWAYS"}'),
        (9, '{"day_trades": null, "equity_micros": 24999999999}', '{"pdt_mode": "AUTO"}'),
        (10, '{"is_flagged": null, "equity_micros": 24999999999}', '{"pdt_mode": "AUTO"}'),
        (11, '{"day_trades": 9, "is_flagged": true, "equity_micros": 1, "held_qty": 1, "order_qty": -1}',
         '{"pdt_mode": "ALWAYS"}')) as t (n, facts, limits)
     order by t.n $$,
    array['MAX_CONCENTRATION', null, 'PDT_WOULD_EXCEED_LIMIT', null,
          'PDT_FLAGGED_BELOW_MIN_EQUITY', null, 'PDT_FLAGGED', 'PDT_WOULD_EXCEED_LIMIT', 'PDT_UNKNOWN',
          'PDT_UNKNOWN', null],
    'a pattern day trader opens nothing below the least equity, and always may close');

select is_empty($$
    select h.held, b.buys, s.sells, o.qty
      from unnest(array[-3, -2, -1, 0, 1, 2, 3]) as h (held), unnest(array[0, 1, 2]) as b (buys),
           unnest(array[0, 1, 2]) as s (sells), unnest(array[-4, -3, -2, -1, 1, 2, 3, 4]) as o (qty)
     where risk.is_reducing(h.held, b.buys, s.sells, o.qty)
           is distinct from
           (select bool_and(
                sign(h.held) * sign(o.qty) < 0
                and sign(h.held + x + y + o.qty) in (0, sign(h.held)))
              from generate_series(0, case when h.held > 0 then 0 else b.buys end) as x,
                   generate_series(case when h.held > 0 then -s.sells else 0 end, 0) as y) $$,
    'an order reduces when no mix of the other fills lets it cross zero');

select throws_ok(
    $$ select pg_temp.deny('{"order_qty": 1000, "mark_micros": 9223372036854775807}') $$, '22003', null,
    'a notional that overflows is an error, not a small number');

select * from finish();
rollback;
