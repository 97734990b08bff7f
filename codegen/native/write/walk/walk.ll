; The function that Python calls.

define ptr @walk(ptr %self, ptr %args, i64 %count, ptr %names) #0 {
%plan.at = getelementptr i8, ptr %self, i64 $POINTER$
%plan = load ptr, ptr %plan.at
%raw.at = getelementptr i8, ptr %plan, i64 $HEAD_raw$
%raw = load ptr, ptr %raw.at
%n.at = getelementptr i8, ptr %plan, i64 $HEAD_count$
%n = load i64, ptr %n.at
%inputs.at = getelementptr i8, ptr %plan, i64 $HEAD_inputs$
%inputs = load i64, ptr %inputs.at
%outputs.at = getelementptr i8, ptr %plan, i64 $HEAD_outputs$
%outputs = load i64, ptr %outputs.at
%floats.at = getelementptr i8, ptr %plan, i64 $HEAD_floats$
%floats = load i64, ptr %floats.at
%leads.at = getelementptr i8, ptr %plan, i64 $HEAD_leads$
%leads = load i64, ptr %leads.at
%names.at = getelementptr i8, ptr %plan, i64 $HEAD_names_at$
%names.i = load i64, ptr %names.at
%known = getelementptr i64, ptr %plan, i64 %names.i
%arguments.at = getelementptr i8, ptr %plan, i64 $HEAD_arguments_at$
%arguments.i = load i64, ptr %arguments.at
%arguments = getelementptr i64, ptr %plan, i64 %arguments.i
%parts.at = getelementptr i8, ptr %plan, i64 $HEAD_parts_at$
%parts.i = load i64, ptr %parts.at
%parts = getelementptr i64, ptr %plan, i64 %parts.i
%result.at = getelementptr i8, ptr %plan, i64 $HEAD_result_at$
%result.i = load i64, ptr %result.at
%result = getelementptr i64, ptr %plan, i64 %result.i
%given.at = getelementptr i8, ptr %plan, i64 $HEAD_given_at$
%given.i = load i64, ptr %given.at
%given = getelementptr i64, ptr %plan, i64 %given.i
%sizes.at = getelementptr i8, ptr %plan, i64 $HEAD_sizes_at$
%sizes.i = load i64, ptr %sizes.at
%sizes = getelementptr i64, ptr %plan, i64 %sizes.i
%function.at = getelementptr i8, ptr %plan, i64 $HEAD_python$
%function = load ptr, ptr %function.at
%form.at = getelementptr i8, ptr %plan, i64 $HEAD_form$
%form = load i64, ptr %form.at
%total.at = getelementptr i8, ptr %plan, i64 $HEAD_total$
%total = load i64, ptr %total.at
%rows.at = getelementptr i8, ptr %plan, i64 $HEAD_rows_at$
%rows.i = load i64, ptr %rows.at
%rows = getelementptr i64, ptr %plan, i64 %rows.i
%slots.n = add i64 %n, 1
%slots = alloca ptr, i64 %slots.n
%all = add i64 %inputs, %outputs
%table = alloca ptr, i64 %all
%made = alloca ptr, i64 %outputs
%numbers = alloca double, i64 %floats
%frame = alloca [3 x ptr]
%points.at = getelementptr ptr, ptr %frame, i64 2
store i64 -1, ptr %points.at
%most.at = getelementptr i8, ptr %plan, i64 $HEAD_points$
%most = load i64, ptr %most.at
%batched = icmp ne i64 %most, 0
%cursor = alloca ptr
store ptr %table, ptr %frame
%to.at = getelementptr ptr, ptr %frame, i64 1
store ptr %numbers, ptr %to.at
%few = icmp sle i64 %count, %n
br i1 %few, label %positional, label %hand
positional:
br label %spread
spread:
%s = phi i64 [ 0, %positional ], [ %s1, %put ]
%more.s = icmp slt i64 %s, %slots.n
br i1 %more.s, label %spreading, label %spreaded
spreading:
%to.s = getelementptr ptr, ptr %slots, i64 %s
%is.s = icmp slt i64 %s, %count
%s1 = add i64 %s, 1
br i1 %is.s, label %given.s, label %put
given.s:
%from.s = getelementptr ptr, ptr %args, i64 %s
%one.s = load ptr, ptr %from.s
br label %put
put:
%x.s = phi ptr [ %one.s, %given.s ], [ null, %spreading ]
store ptr %x.s, ptr %to.s
br label %spread
spreaded:
%unnamed = icmp eq ptr %names, null
br i1 %unnamed, label %take, label %keywords
keywords:
%values = getelementptr ptr, ptr %args, i64 %count
%fit = call i1 @placed(ptr %known, i64 %n, ptr %names, ptr %values, ptr %slots)
br i1 %fit, label %take, label %hand
take:
br label %next
next:
%k = phi i64 [ 0, %take ], [ %k1, %step ]
%p = phi ptr [ %arguments, %take ], [ %p1, %step ]
%lost = icmp eq ptr %p, null
br i1 %lost, label %hand, label %going
going:
%more = icmp slt i64 %k, %n
br i1 %more, label %one, label %taken
one:
%slot = getelementptr ptr, ptr %slots, i64 %k
%x = load ptr, ptr %slot
%absent = icmp eq ptr %x, null
br i1 %absent, label %hand, label %step
step:
%p1 = call ptr @take(ptr %p, ptr %x, ptr %frame)
%k1 = add i64 %k, 1
br label %next
taken:
%out.at = getelementptr ptr, ptr %slots, i64 %n
%out = load ptr, ptr %out.at
%noout = icmp eq ptr %out, null
%outnone = icmp eq ptr %out, @"object.none"
%fresh = or i1 %noout, %outnone
br i1 %fresh, label %prepare, label %into
prepare:
%points = load i64, ptr %points.at
%few.points = icmp sle i64 %points, %most
%some.points = icmp sgt i64 %points, 0
%good.points = and i1 %few.points, %some.points
%single = xor i1 %batched, true
%can = or i1 %single, %good.points
br i1 %can, label %make, label %hand
make:
%made.b = mul i64 %outputs, 8
call void @llvm.memset.p0.i64(ptr %made, i8 0, i64 %made.b, i1 false)
%ready = call i1 @prepared(ptr %parts, i64 %outputs, ptr %frame, ptr %made, i64 %points)
br i1 %ready, label %compute, label %error
compute:
%machine = icmp eq ptr %function, null
br i1 %machine, label %run, label %ask
ask:
%said = call ptr @asked(ptr %function, ptr %table, ptr %rows, i64 %inputs, i64 %total)
%noanswer = icmp eq ptr %said, null
br i1 %noanswer, label %error, label %said.found
said.found:
%asis = icmp slt i64 %form, 0
br i1 %asis, label %pass, label %said.read
pass:
ret ptr %said
said.read:
%said.to = getelementptr ptr, ptr %table, i64 %inputs
%said.rows = getelementptr i64, ptr %rows, i64 %inputs
%usual = call i1 @answered(ptr %said, i64 %form, ptr %said.to, ptr %said.rows, i64 %outputs)
call void @Py_DecRef(ptr %said)
br i1 %usual, label %build, label %tied
run:
%given.back = icmp slt i64 %form, 0
br i1 %given.back, label %back, label %run.machine
back:
store ptr %result, ptr %cursor
store ptr %table, ptr %frame
br label %built.from
run.machine:
br i1 %batched, label %batch, label %one.point
batch:
call void %raw(ptr %table, i64 0, i64 %points)
br label %build
one.point:
%status = call i32 %raw(ptr %table)
switch i32 %status, label %error [ i32 0, label %build i32 2, label %tied ]
build:
store ptr %result, ptr %cursor
%results = getelementptr ptr, ptr %table, i64 %inputs
store ptr %results, ptr %frame
store ptr %made, ptr %to.at
br label %built.from
built.from:
%built = call ptr @build(ptr %cursor, ptr %frame)
%bad = icmp eq ptr %built, null
br i1 %bad, label %error, label %return
return:
ret ptr %built
tied:
call void @dropped(ptr %made, i64 %outputs)
br label %hand
error:
call void @dropped(ptr %made, i64 %outputs)
ret ptr null
into:
%hasgiven = icmp ne i64 %given.i, 0
br i1 %hasgiven, label %led, label %hand
led:
%value.at = load ptr, ptr %to.at
%lead = icmp ne i64 %leads, 0
br i1 %lead, label %leading, label %destinations
leading:
%lead.place = load ptr, ptr %frame
store ptr %value.at, ptr %lead.place
%lead.place1 = getelementptr ptr, ptr %lead.place, i64 1
store ptr %lead.place1, ptr %frame
%value.next = getelementptr double, ptr %value.at, i64 1
store ptr %value.next, ptr %to.at
br label %destinations
destinations:
%fits = call ptr @take(ptr %given, ptr %out, ptr %frame)
%misfit = icmp eq ptr %fits, null
br i1 %misfit, label %hand, label %apart
apart:
%separate = call i1 @apart(ptr %table, ptr %sizes, i64 %inputs, i64 %all)
br i1 %separate, label %fill, label %hand
fill:
%filled = call i32 %raw(ptr %table)
switch i32 %filled, label %raised [ i32 0, label %written i32 2, label %hand ]
raised:
ret ptr null
written:
br i1 %lead, label %pair, label %same
same:
call void @Py_IncRef(ptr %out)
ret ptr %out
pair:
%number = load double, ptr %value.at
%float = call ptr @PyFloat_FromDouble(double %number)
%nofloat = icmp eq ptr %float, null
br i1 %nofloat, label %raised, label %tuple
tuple:
%two = call ptr @PyTuple_New(i64 2)
%notuple = icmp eq ptr %two, null
br i1 %notuple, label %lostfloat, label %paired
lostfloat:
call void @Py_DecRef(ptr %float)
ret ptr null
paired:
%two.0 = getelementptr i8, ptr %two, i64 $ITEMS$
store ptr %float, ptr %two.0
%two.1 = getelementptr ptr, ptr %two.0, i64 1
store ptr %out, ptr %two.1
call void @Py_IncRef(ptr %out)
ret ptr %two
hand:
call void @PyErr_Clear()
$HANDED$}
