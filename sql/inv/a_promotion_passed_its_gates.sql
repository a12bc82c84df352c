create or replace view inv.a_promotion_passed_its_gates as
select null::uuid as run_id, format('promotion %s: %s', p.promotion_id, f.reason) as what
  from lab.promotions as p
 cross join lateral lab.list_failures(p.profile, p.measures) as f
 where p.is_promoted
 union all
select null, format('promotion %s: score %s', p.promotion_id, p.score)
  from lab.promotions as p
 where p.is_promoted
   and p.score is distinct from lab.compute_score(p.measures);

comment on view inv.a_promotion_passed_its_gates is
$$I35: What was promoted passes every gate again by the measures that were kept with it, none of them
missing, infinite or not a number.$$;
