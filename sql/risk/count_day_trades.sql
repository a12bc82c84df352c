create or replace function risk.count_day_trades(
    p_account_id text,
    p_now_at     timestamptz
)
returns bigint
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select count(distinct f.client_order_id)
      from run.runs as r
      join ledger.positions as p using (run_id)
      join ledger.lot_closes as c using (run_id, symbol, match_no)
      join ledger.lots as l using (run_id, symbol, match_no, lot_seq)
      join ledger.fills as f on f.run_id = c.run_id and f.fill_seq = c.fill_seq
      join ref.instruments as i on i.symbol = p.symbol
     cross join lateral (
        select s.closes_at,
               lead(s.closes_at, 1, '-infinity') over (order by s.closes_at desc) as from_at
          from ref.sessions as s
         where s.exchange_id = i.exchange_id
           and s.closes_at <= (ref.get_next_session(i.exchange_id, p_now_at)).closes_at
         order by s.closes_at desc limit 5) as w
     where r.account_id = p_account_id
       and c.closed_at > w.from_at and c.closed_at <= w.closes_at
       and l.opened_at > w.from_at and l.opened_at <= w.closes_at;
$function$;

comment on function risk.count_day_trades(text, timestamptz) is
$$Orders of an account that closed shares in the session in which they were opened, over five exchange
sessions: the one in which an order given at p_now_at would trade, and the four before it.
Why: counted from our own fills and the calendar; two orders that close one purchase count twice, which
is the stricter reading.$$;
