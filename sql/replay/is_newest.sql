create or replace function replay.is_newest(
    p_fills  ledger.fills[],
    p_splits ledger.adjustments[],
    p_fill   ledger.fills
)
returns boolean
language sql
immutable
set search_path = pg_catalog, pg_temp
as $function$
    select not exists (
        select from unnest(p_fills) as f
         where f.executed_at > p_fill.executed_at
            or f.executed_at = p_fill.executed_at
               and f.execution_id collate "C" > p_fill.execution_id)
       and not exists (
        select from unnest(p_splits) as s where s.effective_at > p_fill.executed_at);
$function$;

comment on function replay.is_newest(ledger.fills[], ledger.adjustments[], ledger.fills) is
$$Whether nothing that stands came after a fill, and no split: as ledger.is_newest_fill.$$;
