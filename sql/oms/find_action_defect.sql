create or replace function oms.find_action_defect(
    p_run_id uuid,
    p_symbol text,
    p_now_at timestamptz
)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select format('a corporate action is due: %s %s', a.symbol, md.format_terms(a))
      from ledger.list_due_actions(p_run_id, p_now_at) as a
     where a.symbol = coalesce(p_symbol, a.symbol)
     limit 1;
$function$;

comment on function oms.find_action_defect(uuid, text, timestamptz) is
$$The corporate action of a symbol (null: of any of the run's) that has taken effect and that the books have
not taken over, in words, or null.
Why: until it is applied, shares, prices and orders are of two kinds.$$;
