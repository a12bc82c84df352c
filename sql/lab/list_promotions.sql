create or replace function lab.list_promotions(
    p_profile text
)
returns table (
    rank_no   bigint,
    promotion lab.promotions
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    with newest as (
        select distinct on (p.backtest_id) p.*
          from lab.promotions as p
         where p.profile = p_profile
         order by p.backtest_id, p.audit_seq desc
    )
    select r.rank_no, n::lab.promotions
      from lab.list_ranking((
               select coalesce(jsonb_agg(n.measures || jsonb_build_object(
                          'score', n.score, 'name', n.backtest_id)), '[]')
                 from newest as n where n.is_promoted)) as r
      join lab.promotions as n on n.backtest_id = (r.candidate ->> 'name')::uuid
      join newest as m using (promotion_id)
     order by r.rank_no;
$function$;

comment on function lab.list_promotions(text) is
$$The backtests whose newest judgement by a profile promoted them, ranked.$$;
