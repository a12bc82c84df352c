create or replace function risk.get_facts(
    p_run_id    uuid,
    p_symbol    text,
    p_order_qty bigint,
    p_open      jsonb,
    p_messages  bigint,
    p_now_at    timestamptz
)
returns risk.order_facts
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select row(
        q.instrument_kind, q.is_listed, q.session_state, coalesce(
            case when md.find_ban(p_run_id, p_symbol, p_now_at) is not null then 'FORBIDDEN' end,
            risk.get_restriction(p_symbol, p_now_at)), p_order_qty,
        ledger.get_position_qty(p_run_id, p_symbol), o.buy_qty, o.sell_qty, q.mark_micros,
        q.reference_micros, q.is_fresh, b.other_gross, b.other_high, b.other_low, b.equity_micros,
        n.orders, p_messages, n.repeats,
        case l.pdt_mode when 'OFF' then null
                        else risk.count_day_trades(r.account_id, p_now_at) end,
        risk.get_day_trader_flag(r.account_id), null, null, null)::risk.order_facts
      from run.runs as r
      join risk.limits as l using (run_id)
     cross join lateral (
        select case when p_open is not null
                    then coalesce((p_open #>> array[p_symbol, 'buy'])::bigint, 0) end as buy_qty,
               case when p_open is not null
                    then coalesce((p_open #>> array[p_symbol, 'sell'])::bigint, 0) end as sell_qty) as o
      left join lateral risk.get_quote(p_run_id, p_symbol, p_now_at) as q on true
      left join lateral risk.get_portfolio(p_run_id, p_symbol, p_open, p_now_at) as b on true
     cross join lateral (
        select count(*) filter (where d.decided_at > p_now_at - l.order_window_ms * interval '1 ms')
                   as orders,
               count(*) filter (
                   where d.symbol = p_symbol and sign(d.order_qty) = sign(p_order_qty)
                     and d.decided_at > p_now_at - l.repeat_window_ms * interval '1 ms') as repeats
          from risk.decisions as d
         where d.run_id = p_run_id and d.verdict = 'ALLOW'
           and d.decided_at > p_now_at
               - greatest(l.order_window_ms, l.repeat_window_ms) * interval '1 ms') as n
     where r.run_id = p_run_id;
$function$;

comment on function risk.get_facts(uuid, text, bigint, jsonb, bigint, timestamptz) is
$$All that an order of p_order_qty signed shares is judged by at p_now_at. p_open: every unfinished order
of the run, {symbol: {buy, sell}}; p_messages: requests to the broker within the message window.
Why: integrity, portfolio, orders, calendar, lists and config in one row, so that one function judges it
and the row can be kept. What nobody knows is null, and null denies.$$;
