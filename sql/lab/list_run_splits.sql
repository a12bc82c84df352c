create or replace function lab.list_run_splits(
    p_run_id uuid
)
returns table (
    place bigint,
    act   text
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select row_number() over (order by a.adjustment_seq),
           format('%s %s %s for %s, held %s, now %s', core.format_iso(a.applied_at), a.symbol, s.ratio_num,
                  s.ratio_den, s.held_qty, s.new_qty)
      from ledger.adjustments as a
      join ledger.splits as s using (run_id, adjustment_seq)
      join ledger.positions as p on (p.run_id, p.symbol, p.match_no) = (s.run_id, s.symbol, s.match_no)
     where a.run_id = p_run_id and s.held_qty <> 0;
$function$;

comment on function lab.list_run_splits(uuid) is
$$The splits of what a run held, as its books have them now, in the words of lab.list_acts.$$;
