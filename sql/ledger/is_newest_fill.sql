create or replace function ledger.is_newest_fill(
    p_fill ledger.fills
)
returns boolean
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select not exists (
        select from ledger.standing_fills as f
         where f.run_id = p_fill.run_id and f.symbol = p_fill.symbol
           and f.executed_at >= p_fill.executed_at
           and (f.executed_at > p_fill.executed_at
                or f.execution_id collate "C" > p_fill.execution_id)
           and f.fill_seq <> p_fill.fill_seq)
       and not exists (
        select from ledger.adjustments as a
         where a.run_id = p_fill.run_id and a.symbol = p_fill.symbol
           and a.action_kind = 'SPLIT' and a.effective_at > p_fill.executed_at);
$function$;

comment on function ledger.is_newest_fill(ledger.fills) is
$$True when no standing fill of the symbol was executed later (ties by execution id), and no split of it
that was applied took effect later.$$;
