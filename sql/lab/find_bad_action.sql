create or replace function lab.find_bad_action(
    p_set    lab.datasets,
    p_config jsonb,
    p_now_at timestamptz
)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    with acts as (
        select a.symbol, a.action_kind, a.effective_at, a.ratio_num, a.ratio_den,
               md.format_terms(a) as terms, a.announced_at > a.effective_at as is_late
          from lab.list_dataset_actions(p_set, p_now_at) as a
    ), frozen as (
        select (p_set).symbols[s.symbol_no] as symbol, 'SPLIT' as action_kind, s.effective_at, s.ratio_num,
               s.ratio_den
          from lab.splits as s where s.dataset_id = (p_set).dataset_id
    ), bad as (
        select a.symbol, a.effective_at, a.terms || ' was announced late' as fault
          from acts as a where a.is_late
         union all
        select a.symbol, a.effective_at, a.terms || ' is taken out of the prices'
          from acts as a where a.action_kind <> 'SPLIT' and p_config #>> '{data,adjustment}' = 'ALL'
         union all
        select symbol, effective_at,
               format('%s for %s: freeze the dataset anew', ratio_num, ratio_den)
          from (select a.* from acts as a where a.action_kind = 'SPLIT' and not a.is_late) as a
          full join frozen as f using (symbol, effective_at, ratio_num, ratio_den)
         where a.action_kind is null or f.action_kind is null
    )
    select string_agg(format('%s %s', b.symbol, b.fault), ', '
                      order by b.effective_at, b.symbol collate "C", b.fault collate "C")
      from bad as b;
$function$;

comment on function lab.find_bad_action(lab.datasets, jsonb, timestamptz) is
$$The corporate actions of a dataset that a backtest cannot follow as a run would: announced after they took
effect, a dividend that prices are adjusted for, a split that stands but was not frozen with the bars, or
was and stands no more. In words, or null.$$;
