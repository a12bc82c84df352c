create or replace function lab.find_choice(
    p_study   lab.studies,
    p_fold_no integer
)
returns integer
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select coalesce((
        select s.choice_no
          from (select s.choice_no, lab.list_returns(array_agg(s.backtest_id order by s.step_no)) as series
                  from lab.steps as s
                 where s.study_id = (p_study).study_id and s.fold_no = p_fold_no
                   and s.step_part = 'TRAIN'
                 group by s.choice_no) as s
         order by case (p_study).terms ->> 'score'
                      when 'SHARPE' then lab.compute_sharpe(s.series)
                      else (select avg(v.value) from unnest(s.series) as v (value)) end
                  desc nulls last, s.choice_no
         limit 1), 1);
$function$;

comment on function lab.find_choice(lab.studies, integer) is
$$Which of a study's choices did best in the training of a fold, by the study's score; the first of equals,
and the first when nothing was trained.$$;
