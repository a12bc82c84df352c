create or replace function ops.report_trades(
    p_run_id uuid
)
returns table (
    symbol             text,
    side               text,
    qty                bigint,
    opened_at          timestamptz,
    closed_at          timestamptz,
    entry_price_micros bigint,
    exit_price_micros  bigint,
    realized_micros    bigint,
    sessions_held      bigint
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select c.symbol, case when c.closed_qty > 0 then 'LONG' else 'SHORT' end, abs(c.closed_qty),
           l.opened_at, c.closed_at, c.cost_micros / c.closed_qty, c.exit_price_micros, c.realized_micros,
           (select ref.count_sessions(i.exchange_id, l.opened_at, c.closed_at)
               from ref.instruments as i where i.symbol = c.symbol)
      from ledger.lot_closes as c
      join ledger.lots as l using (run_id, symbol, match_no, lot_seq)
      join ledger.positions as p using (run_id, symbol, match_no)
     where c.run_id = p_run_id
     order by c.fill_seq, c.lot_seq;
$function$;

comment on function ops.report_trades(uuid) is
$$Every closed lot of a run, in closing order, with its profit before fees.$$;
