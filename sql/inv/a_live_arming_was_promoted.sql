create or replace view inv.a_live_arming_was_promoted as
select g.run_id, format('arming %s rests on artifact %s', g.history_seq, g.artifact_id) as what
  from run.armings as g
 where g.mode = 'LIVE'
   and not exists (
       select from run.artifacts as a
         join run.configs as c on c.config_hash = g.config_hash and c.terms_hash = a.terms_hash
         join lab.promotions as p on p.live_id = a.artifact_id
        where a.artifact_id = g.artifact_id and p.is_promoted);

comment on view inv.a_live_arming_was_promoted is
$$I27: What was armed LIVE has the terms of an artifact that a judgement promoted.$$;
