create or replace function lab.judge_study(
    p_study   lab.studies,
    is_passed out boolean,
    measures  out jsonb
)
returns record
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    with r as (
        select s.*, r.is_ok, (r.measures ->> 'cagr')::numeric as cagr, c.must_profit,
               (r.measures ->> 'max_drawdown')::numeric as drawdown
          from lab.steps as s
          join lab.results as r using (study_id, step_no)
          left join lab.list_scenarios() as c using (scenario)
         where s.study_id = (p_study).study_id and s.step_part <> 'TRAIN'
    ), judged as (
        select jsonb_build_object(
                   'scenarios', count(*), 'failures', count(*) filter (where not r.is_ok),
                   'stress_cagr', case when count(r.cagr) = count(*) then
                       min(r.cagr) filter (where r.must_profit) end) as m,
               count(*) >= 7 and bool_and(r.is_ok) as ok
          from r where (p_study).study_kind = 'STRESS'
        having count(*) > 0
         union all
        select jsonb_build_object(
                   'folds', count(*), 'positive', round(avg(r.is_ok::integer), 9),
                   'negative_folds', count(*) filter (where not r.is_ok),
                   'worst_drawdown', case when count(r.drawdown) = count(*) then max(r.drawdown) end),
               avg(r.is_ok::integer) >= 0.7
          from r where (p_study).terms ? 'folds'
        having count(*) > 0
         union all
        select t.measures, t.is_passed from lab.judge_trades(p_study) as t
         where (p_study).study_kind = 'MONTE_CARLO'
    )
    select coalesce(j.ok, false), coalesce(j.m, '{}')
      from (select 1) as one left join judged as j on true;
$function$;

comment on function lab.judge_study(lab.studies) is
$$How a study went. A stress battery passes when every scenario of it did; one with folds when 70 % of the
tests ended with a profit; Monte Carlo by lab.judge_trades. Nothing to judge: not passed.$$;
