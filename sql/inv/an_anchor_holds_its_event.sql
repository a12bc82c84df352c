create or replace view inv.an_anchor_holds_its_event as
select c.run_id, format('anchor %s of %s: %s', b.anchor_no, n.engine_id, b.finding) as what
  from (select distinct a.engine_id from audit.anchors as a) as n
  cross join lateral audit.list_anchor_breaks(n.engine_id) as b
  left join audit.chains as c on c.chain_id = b.chain_id;

comment on view inv.an_anchor_holds_its_event is
$$I09b: The anchors of an engine follow each other, and each holds an event of the diary as it stands.$$;
