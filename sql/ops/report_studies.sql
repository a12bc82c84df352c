create or replace function ops.report_studies(
    p_backtest_id uuid
)
returns jsonb
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    with newest as (
        select distinct on (s.study_kind) s.*
          from lab.list_studies(p_backtest_id) with ordinality
               as s (study_id, study_kind, terms, is_passed, measures, steps, nth)
         where s.study_kind in ('STRESS', 'WALK_FORWARD') and s.is_passed is not null
         order by s.study_kind, s.nth
    )
    select coalesce(jsonb_object_agg(lower(n.study_kind), jsonb_build_object(
               'is_passed', n.is_passed,
               'steps', (
                   select jsonb_agg(jsonb_build_object(
                              case n.study_kind when 'STRESS' then 'scenario' else 'fold' end,
                              case n.study_kind when 'STRESS' then t.step ->> 'scenario'
                                                else t.step ->> 'fold_no' end,
                              'is_ok', t.step -> 'is_ok',
                              'measures', jsonb_build_object(
                                  'total_return', t.step #> '{measures,total_return}',
                                  'max_drawdown', t.step #> '{measures,max_drawdown}',
                                  'sharpe', t.step #> '{measures,sharpe}',
                                  'trades', t.step #> '{measures,trades}')) order by t.nth)
                     from jsonb_array_elements(n.steps) with ordinality as t (step, nth)
                    where t.step ->> 'step_part' <> 'TRAIN'))), '{}')
      from newest as n;
$function$;

comment on function ops.report_studies(uuid) is
$$The newest stress battery and walk-forward of a backtest that have ended, as its tearsheet shows them:
{stress, walk_forward: {is_passed, steps [{scenario | fold, is_ok, measures}]}}; {} when there is none.$$;
