create or replace function ledger.get_qty_at(
    p_run_id uuid,
    p_symbol text,
    p_at     timestamptz
)
returns bigint
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    with last_split as (
        select a.effective_at, s.new_qty
          from ledger.positions as p
          join ledger.splits as s using (run_id, symbol, match_no)
          join ledger.adjustments as a using (run_id, adjustment_seq)
         where p.run_id = p_run_id and p.symbol = p_symbol and a.effective_at < p_at
         order by a.effective_at desc
         limit 1
    )
    select coalesce((select l.new_qty from last_split as l), 0)
           + coalesce((select sum(f.fill_qty) from ledger.standing_fills as f
                        where f.run_id = p_run_id and f.symbol = p_symbol and f.executed_at < p_at
                          and f.executed_at >= coalesce(
                              (select l.effective_at from last_split as l), '-infinity')), 0)::bigint;
$function$;

comment on function ledger.get_qty_at(uuid, text, timestamptz) is
$$Signed shares held just before p_at, by the time of execution, in the shares of then.$$;
