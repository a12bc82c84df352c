create or replace function api.backtest_studies(
    p_backtest_id uuid
)
returns table (
    study_id   uuid,
    study_kind text,
    terms      jsonb,
    is_passed  boolean,
    measures   jsonb,
    steps      jsonb
)
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select f.study_id, f.study_kind, f.terms, f.is_passed, f.measures, f.steps
      from lab.list_studies(p_backtest_id) as f;
$function$;

comment on function api.backtest_studies(uuid) is
$$The studies of a backtest, with their steps and outcomes.$$;
